//! Archives of files: zip, uncompressed, with the same bytes for the same content.
//!
//! Nothing in it depends on the clock or the computer, so that two packs of one record can be compared by their digest.

use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// An archive that is being written.
pub struct Archive<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
}

impl<W: Write> Archive<W> {
    /// Begins an archive in a sink.
    #[must_use]
    pub fn begin(sink: W) -> Self {
        Self { zip: ZipWriter::new_stream(sink) }
    }

    /// Adds a file; folders in its name are separated by `/`.
    ///
    /// **Errors**: those of the sink; a name that is there already.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)
    }

    /// Ends the archive.
    ///
    /// **Errors**: those of the sink.
    pub fn finish(self) -> io::Result<()> {
        self.zip.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = Archive::begin(&mut bytes);
        files.iter().for_each(|(name, content)| archive.add(name, content).unwrap());
        archive.finish().unwrap();
        bytes
    }

    #[test]
    fn what_goes_in_comes_out_and_the_same_gives_the_same() {
        let files: [(&str, &[u8]); 2] = [("a.txt", b"first"), ("folder/b.txt", b"")];
        let bytes = packed(&files);
        assert_eq!(bytes, packed(&files));
        let mut read = zip::ZipArchive::new(io::Cursor::new(&bytes)).unwrap();
        assert_eq!(read.len(), 2);
        for (name, content) in files {
            let mut found = Vec::new();
            read.by_name(name).unwrap().read_to_end(&mut found).unwrap();
            assert_eq!(found, content, "{name}");
        }
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let mut bytes = Vec::new();
        let mut archive = Archive::begin(&mut bytes);
        archive.add("a.txt", b"first").unwrap();
        assert!(archive.add("a.txt", b"again").is_err());
    }
}
