//! Passwords, second factors, tokens and codes: made and checked, never kept.
//!
//! *Invariant:* a password is digested with Argon2id (RFC 9106) at the second recommendation of
//! OWASP (19 MiB, 2 passes), off the writer's thread; how long a check takes does not tell whether
//! the account is known.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use totp_rs::Builder;

/// Shortest password, in characters: a passphrase rather than a riddle (NIST SP 800-63B §3.1.1).
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password, in bytes: bounds what is digested.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;
/// Bytes of a token or a code.
pub(crate) const SECRET_BYTES: usize = 32;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Checked against when there is no account, so that it takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why there is no digest of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotDigested;

/// The digest of a password, in the PHC string form.
///
/// # Errors
/// [`NotDigested`] if the parameters are refused, which is a bug of ours.
pub fn digest_password(password: &str, salt: &[u8; 16]) -> Result<String, NotDigested> {
    let hasher = hasher().ok_or(NotDigested)?;
    let digest = hasher.hash_password_with_salt(password.as_bytes(), salt);
    digest.map(|digest| digest.to_string()).map_err(|_| NotDigested)
}

/// Whether a password is the one that was digested; without a digest it is not, and takes as long.
pub(crate) fn is_password(password: &str, digest: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(digest.unwrap_or(NOBODY)) else { return false };
    let Some(hasher) = hasher() else { return false };
    hasher.verify_password(password.as_bytes(), &parsed).is_ok() && digest.is_some()
}

fn hasher() -> Option<Argon2<'static>> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

/// Whether a password may be one: long enough, and not the login name.
pub(crate) fn may_be_password(password: &str, login: &str) -> bool {
    let long = password.chars().count() >= PASSWORD_CHARS_MIN;
    long && password.len() <= PASSWORD_BYTES_MAX && !password.eq_ignore_ascii_case(login)
}

/// The time step that a code belongs to (RFC 6238: SHA-1, 6 digits, 30 s, one step of tolerance).
pub(crate) fn step_of_code(secret: &[u8; 20], code: &str, seconds: u64) -> Option<u64> {
    let six = code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit());
    let totp = Builder::new().with_secret(secret.to_vec()).build().ok().filter(|_| six)?;
    totp.check(code, seconds)
}

/// Random bytes for a session, a token or a code, as text.
///
/// # Errors
/// That of the operating system.
pub fn fresh_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of such a text: BLAKE3 of its bytes; `None` if it is none.
#[must_use]
pub fn digest_of_secret(text: &str) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == SECRET_BYTES)?;
    Some(*blake3::hash(&bytes).as_bytes())
}

/// A salt of its own for each request that sets a password: the same request gives the same digest,
/// so that its repetition is known.
pub(crate) fn salt(account: &[u8; 16], key: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("zegel 2026 password salt");
    let digest = hasher.update(account).update(key.as_bytes()).finalize();
    digest.as_bytes().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_taken() {
        let digest = digest_password("een lange zin", &[7; 16]).unwrap();
        assert!(digest.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{digest}");
        assert!(is_password("een lange zin", Some(&digest)));
        assert!(!is_password("een lange zim", Some(&digest)));
        assert!(!is_password("een lange zin", None));
        assert!(PasswordHash::new(NOBODY).is_ok(), "the check of nobody must take its time");
    }

    #[test]
    fn a_code_is_of_its_step_and_its_neighbours() {
        // RFC 6238 appendix B, SHA-1: at 59 s the code is 94287082, of which six digits are kept.
        let secret = *b"12345678901234567890";
        assert_eq!(step_of_code(&secret, "287082", 59), Some(1));
        assert_eq!(step_of_code(&secret, "287082", 89), Some(1));
        assert_eq!(step_of_code(&secret, "287082", 120), None);
        for wrong in ["287083", "28708", "2870820", "28708a", ""] {
            assert_eq!(step_of_code(&secret, wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_known_by_its_digest() {
        let secret = fresh_secret().unwrap();
        assert_ne!(secret, fresh_secret().unwrap());
        assert!(digest_of_secret(&secret).is_some());
        assert_eq!(digest_of_secret(secret.get(1..).unwrap()), None);
        assert_eq!(digest_of_secret(""), None);
    }

    #[test]
    fn short_passwords_and_login_names_are_no_passwords() {
        assert!(may_be_password("twaalf teken", "noor@school.example"));
        assert!(!may_be_password("elf tekens!", "noor@school.example"));
        assert!(!may_be_password("Noor@school.example", "noor@school.example"));
        assert!(!may_be_password(&"x".repeat(257), ""));
    }
}
