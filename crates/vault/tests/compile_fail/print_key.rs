//! A key has no printed form.

fn show(key: &vault::DigestKey) -> String {
    format!("{key:?}")
}

fn main() {
    let _ = show;
}
