//! What a file is before anything in it is read: no archive, what its name says, and no larger than its kind.
//!
//! Deliberately absent: what stands in it. A picture and a printed page are kept as they are, whatever they show.

use countersign_domain::json;

use super::bounds::{Deadline, Refused};
use super::{jtl, load_test, without_mark};

/// Largest file that is kept, unless it is a report of a load test. **Units**: bytes.
const FILE_BYTES_MAX: usize = 50 * MIB;
const MIB: usize = 1_024 * 1_024;

/// How archives begin.
const ARCHIVES: &[(&str, &[u8])] = &[
    ("zip", b"PK\x03\x04"),
    ("zip", b"PK\x05\x06"),
    ("zip", b"PK\x07\x08"),
    ("gzip", b"\x1f\x8b\x08"),
    ("7z", b"7z\xbc\xaf\x27\x1c"),
    ("xz", b"\xfd7zXZ\0"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("rar", b"Rar!\x1a\x07"),
];
/// What stands in a tar archive, and where.
const TAR: (usize, &[u8]) = (257, b"ustar");
/// Endings of documents that are archives inside, and documents to people.
const OFFICE: &[&str] = &["docx", "xlsx", "pptx", "odt", "ods", "odp", "odg"];
/// Endings of texts that are read.
const TEXTS: &[&str] = &["json", "sarif", "xml", "info", "csv", "txt", "log"];
/// How pictures begin.
const PICTURES: &[(&str, &[u8])] =
    &[("png", b"\x89PNG\r\n\x1a\n"), ("jpg", b"\xff\xd8\xff"), ("jpeg", b"\xff\xd8\xff")];
/// What a printed page says in its first bytes, and how many these are.
const PAGE: (usize, &[u8]) = (1_024, b"%PDF-");

/// Says whether a file may be kept for what it is.
///
/// **Errors**: an archive; a file that is not what its name says; a text that is not UTF-8, with the offset; a file over
/// 50 MiB that is no report of a load test.
pub fn shaped(name: &str, bytes: &[u8], until: Deadline) -> Result<(), Refused> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let is_one_of = |endings: &[&str]| endings.contains(&ending.as_str());
    let archive = archive(bytes);
    if let Some(kind) = archive.filter(|kind| *kind != "zip" || !is_one_of(OFFICE)) {
        return Err(Refused::Form(format!(
            "It is an archive ({kind}). Unpack it, and attach the file that proves it."
        )));
    }
    let begins = |start: &[u8]| bytes.starts_with(start);
    let is_page = || bytes.get(..bytes.len().min(PAGE.0)).is_some_and(|start| holds(start, PAGE.1));
    let picture = PICTURES.iter().find(|(of, _)| *of == ending);
    let is_other = (is_one_of(OFFICE) && archive.is_none())
        || picture.is_some_and(|(_, start)| !begins(start))
        || (ending == "pdf" && !is_page());
    if is_other {
        return Err(Refused::Form(format!("Its name ends in .{ending}, and it is no such file.")));
    }
    let text = str::from_utf8(without_mark(bytes));
    if let (true, Err(error)) = (is_one_of(TEXTS), &text) {
        let mark = bytes.len() - without_mark(bytes).len();
        return Err(Refused::Encoding { offset: mark + error.valid_up_to() });
    }
    is_small(bytes.len(), text.unwrap_or_default(), FILE_BYTES_MAX, until)
}

/// Says whether a file is small enough for what it is.
fn is_small(bytes: usize, text: &str, limit: usize, until: Deadline) -> Result<(), Refused> {
    let is_load = || match json::doubled(text, &|| until.is_over()) {
        Ok(Some(_)) => Ok(false),
        // Nothing is read of so large a file, however many values it holds.
        Ok(None) | Err(json::Trouble::TooMany) => Ok(load_test::is_one(text)),
        Err(trouble) => Err(Refused::from(trouble)),
    };
    if bytes <= limit || jtl::is_one(text) || is_load()? {
        return Ok(());
    }
    let (has, limit) = (bytes.div_ceil(MIB), limit / MIB);
    Err(Refused::TooLarge(format!("It has {has} MiB; only reports of load tests may have more than {limit} MiB.")))
}

fn archive(bytes: &[u8]) -> Option<&'static str> {
    let begun = ARCHIVES.iter().find(|(_, start)| bytes.starts_with(start)).map(|(kind, _)| *kind);
    let (at, mark) = TAR;
    begun.or_else(|| bytes.get(at..).filter(|rest| rest.starts_with(mark)).map(|_| "tar"))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::super::TIME_MAX;
    use super::*;

    fn why(name: &str, bytes: &[u8]) -> String {
        shaped(name, bytes, Deadline::after(TIME_MAX)).map_or_else(|why| why.to_string(), |()| String::new())
    }

    #[test]
    fn archives_are_refused_and_documents_of_an_office_are_none() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let zip = b"PK\x03\x04\x14\0";
        for (name, bytes, kind) in [
            ("a.zip", &zip[..], "(zip)"),
            ("report.json", zip, "(zip)"),
            ("a", b"PK\x05\x06", "(zip)"),
            ("a.gz", b"\x1f\x8b\x08\0", "(gzip)"),
            ("a.docx", b"\x1f\x8b\x08\0", "(gzip)"),
            ("a.7z", b"7z\xbc\xaf\x27\x1c\0", "(7z)"),
            ("a.bin", &tar, "(tar)"),
        ] {
            assert!(why(name, bytes).contains(kind), "{name}: {}", why(name, bytes));
        }
        assert_eq!((why("Plan.DOCX", zip), why("a.ods", zip)), (String::new(), String::new()));
    }

    #[test]
    fn a_file_is_what_its_name_says() {
        let png = b"\x89PNG\r\n\x1a\n\0\0";
        for (name, bytes, says) in [
            ("a.png", &png[..], ""),
            ("a.jpg", png, ".jpg, and it is no such file"),
            ("a.JPEG", b"\xff\xd8\xff\xe0", ""),
            ("a.pdf", b"%PDF-1.7\n\xff", ""),
            ("a.pdf", b"no page", ".pdf"),
            ("a.docx", b"no document", ".docx"),
            ("a.json", b"\xef\xbb\xbf{}", ""),
            ("a.json", b"\xef\xbb\xbf{\xff}", "Byte 4 is not UTF-8."),
            ("a.CSV", b"\xff\xfea\0", "Byte 0"),
            ("a.txt", b"stra\xdfe", "Byte 4"),
            ("a.bin", b"\xff\xfe\0", ""),
            ("no ending", b"\xff", ""),
        ] {
            let found = why(name, bytes);
            assert!(if says.is_empty() { found.is_empty() } else { found.contains(says) }, "{name}: {found}");
        }
    }

    #[test]
    fn only_a_report_of_a_load_may_be_large() {
        let small = |text: &str, limit: usize| is_small(text.len(), text, limit, Deadline::after(TIME_MAX));
        assert_eq!(small(r#"{"aggregate":{"counters":{}},"intermediate":[]}"#, 8), Ok(()));
        assert_eq!(small("timeStamp,elapsed,label,success\n1,2,a,true\n", 8), Ok(()));
        assert_eq!(small(&format!(r#"{{"aggregate":[0{}]}}"#, ",0".repeat(json::VALUES_MAX)), 8), Ok(()));
        for text in [r#"{"tickets":[]}"#, r#"{"aggregate":{},"aggregate":{}}"#, "{ no JSON", "a longer log"] {
            assert_eq!(small(text, text.len()), Ok(()));
            assert!(matches!(small(text, 8), Err(Refused::TooLarge(_))), "{text}");
        }
        let large = vec![0; FILE_BYTES_MAX + 1];
        assert!(why("a.bin", &large).contains("It has 51 MiB; only reports of load tests may have more than 50 MiB."));
        assert_eq!(why("a.bin", &large[..FILE_BYTES_MAX]), "");
    }
}
