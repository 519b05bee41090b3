//! From the bytes of a file to text that can be read: size, encoding, line ends, certain repairs.
//!
//! Separate because it is the only place that sees raw bytes. Deliberately absent: any guess of another encoding; a
//! file that is not UTF-8 is refused and the place named.

use super::{Problem, ProblemCode, Refused};

/// Most bytes a Markdown file may have: 1 MiB.
pub const BYTES_MAX: usize = 1024 * 1024;

/// Text ready to be parsed, with line feeds only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    pub text: String,
    pub problems: Vec<Problem>,
}

/// Reads the bytes of a Markdown file.
///
/// **Errors**: [`Refused::TooLarge`], [`Refused::NotUtf8`] with the offset of the first wrong byte.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Refused> {
    if bytes.len() > BYTES_MAX {
        return Err(Refused::TooLarge { bytes: bytes.len(), limit: BYTES_MAX });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Refused::NotUtf8 { offset: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut problems = Vec::new();
    let mut lines = Vec::new();
    for (number, line) in (1_u32..).zip(text.split('\n')) {
        let kept: String = line.chars().filter(|c| *c == '\t' || !c.is_ascii_control()).collect();
        if kept.len() != line.len() {
            problems.push(Problem::at(number, ProblemCode::ControlCharacters));
        }
        let (repaired, outcome) = repair(&kept);
        problems.extend(outcome.map(|code| Problem::at(number, code)));
        lines.push(repaired);
    }
    Ok(Decoded { text: lines.join("\n"), problems })
}

/// Repairs UTF-8 that was once read as Windows-1252, where the repair is certain.
///
/// **Shape**: each run of characters that could be such bytes is turned back. It is certain when the run is UTF-8 from
/// end to end and gives what is commonly lost this way: symbols of three or four bytes, or Latin letters of two. A run
/// that only looks like one is left as it is and reported.
fn repair(line: &str) -> (String, Option<ProblemCode>) {
    if line.is_ascii() {
        return (line.to_owned(), None);
    }
    let (mut repaired, mut outcome) = (String::with_capacity(line.len()), None);
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c: char| windows_1252(c).is_none()).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let bytes: Vec<u8> = run.chars().filter_map(windows_1252).collect();
        match std::str::from_utf8(&bytes) {
            Ok(lost) if bytes.len() > 1 && lost.chars().all(is_commonly_lost) => {
                repaired.push_str(lost);
                outcome = outcome.or(Some(ProblemCode::MisdecodedRepaired));
            }
            Ok(_) if bytes.len() > 1 => {
                repaired.push_str(run);
                outcome = Some(ProblemCode::MisdecodedLeft);
            }
            _ => {
                repaired.push_str(run);
                if ["ðŸ", "â€", "Ã¢"].iter().any(|sign| run.contains(sign)) {
                    outcome = Some(ProblemCode::MisdecodedLeft);
                }
            }
        }
        let next = after.chars().next();
        if next == Some('\u{fffd}') {
            outcome = Some(ProblemCode::MisdecodedLeft);
        }
        repaired.extend(next);
        rest = next.and_then(|c| after.get(c.len_utf8()..)).unwrap_or_default();
    }
    (repaired, outcome)
}

/// What a reader of Windows-1252 loses: Latin-1 letters and signs (lead bytes C2, C3) and everything of three bytes or more.
fn is_commonly_lost(c: char) -> bool {
    matches!(u32::from(c), 0xa0..=0xff | 0x800..)
}

/// Gives the byte a character beyond ASCII has in Windows-1252.
///
/// **Source**: the WHATWG table `windows-1252`, in which the five unused bytes are C1 controls.
fn windows_1252(c: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match u32::from(c) {
        code @ 0xa0..=0xff => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|high| *high == c).and_then(|at| u8::try_from(at + 0x80).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, wanted: &str, outcome: Option<ProblemCode>) {
        assert_eq!(repair(line), (wanted.to_owned(), outcome), "{line}");
    }

    #[test]
    fn certain_repairs_are_made() {
        let repaired = Some(ProblemCode::MisdecodedRepaired);
        check("Good Luck! ðŸš€", "Good Luck! 🚀", repaired);
        check("donâ€™t wait â€” go", "don’t wait — go", repaired);
        check("cafÃ© in KÃ¶ln", "café in Köln", repaired);
        check("done âœ…", "done ✅", repaired);
        check("5 Â°C", "5 °C", repaired);
    }

    #[test]
    fn right_text_is_left_alone() {
        for line in
            ["Stripe ✅", "café", "Größe – „Äpfel“", "voilà…", "日本語", "naïve «é»", "100 €", "Ärger", "Fuß–Hand"]
        {
            let (text, outcome) = repair(line);
            assert_eq!(text, line);
            assert_ne!(outcome, Some(ProblemCode::MisdecodedRepaired), "{line}");
        }
    }

    #[test]
    fn what_is_not_certain_is_left_and_marked() {
        let left = Some(ProblemCode::MisdecodedLeft);
        check("broken ðŸš", "broken ðŸš", left);
        check("lost \u{fffd} sign", "lost \u{fffd} sign", left);
        check("quoted Ä“", "quoted Ä“", left);
    }

    #[test]
    fn every_byte_round_trips_through_the_table() {
        let sample = "é🚀—中";
        let misread: String = sample
            .bytes()
            .map(|byte| {
                (0x80_u32..=0xffff).filter_map(char::from_u32).find(|c| windows_1252(*c) == Some(byte)).unwrap()
            })
            .collect();
        check(&misread, sample, Some(ProblemCode::MisdecodedRepaired));
    }

    #[test]
    fn size_and_encoding_are_checked_first() {
        let refused = decode(&vec![b'x'; BYTES_MAX + 1]).unwrap_err();
        assert_eq!(refused, Refused::TooLarge { bytes: BYTES_MAX + 1, limit: BYTES_MAX });
        assert_eq!(decode(b"- [ ] a\n- [ ] \xff").unwrap_err(), Refused::NotUtf8 { offset: 14 });
        assert_eq!(decode(b"\xef\xbb\xbf- [ ] a\r\nb\rc").unwrap().text, "- [ ] a\nb\nc");
        let controls = decode(b"a\x00b\x1b[31m").unwrap();
        assert_eq!((controls.text.as_str(), controls.problems.len()), ("ab[31m", 1));
    }
}
