//! Who holds the escrow: whoever took every file may have their key as well.

use escrow::Identity;

/// Where the recipients stand, beside the installation.
pub(crate) const RECIPIENTS: &str = "recipients";
/// How every sealed root begins.
const AGE: &[u8] = b"age-encryption.org/v1\n";

/// Two holders, one of whom gives the key away.
pub(crate) struct Holders([Identity; 2]);

impl Holders {
    pub(crate) fn new() -> Self {
        Self([Identity::generate().unwrap(), Identity::generate().unwrap()])
    }

    /// One recipient to a line.
    pub(crate) fn recipients(&self) -> String {
        let lines = self.0.iter().map(|identity| identity.recipient().to_string());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What every sealed root holds that lies in these bytes, whole or as a part of something.
    pub(crate) fn open(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let starts = bytes.windows(AGE.len()).enumerate().filter(|(_, start)| *start == AGE);
        starts.filter_map(|(offset, _)| self.open_at(bytes, offset)).collect()
    }

    /// The four bytes before say how long it is; alone it fills its file.
    fn open_at(&self, bytes: &[u8], offset: usize) -> Option<Vec<u8>> {
        let stated = offset.checked_sub(4).and_then(|at| bytes.get(at..offset));
        let stated = stated.map(|length| u32::from_be_bytes(length.try_into().unwrap()));
        let length = stated.and_then(|length| usize::try_from(length).ok());
        let within = length.and_then(|length| bytes.get(offset..offset + length));
        let opened = within.and_then(|file| escrow::open(&self.0[..1], file).ok());
        let opened = opened.or_else(|| escrow::open(&self.0[..1], bytes.get(offset..)?).ok());
        opened.map(|secret| secret.to_vec())
    }
}
