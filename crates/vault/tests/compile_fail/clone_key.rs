//! A key is not copied.

fn copy(key: &vault::DigestKey) -> vault::DigestKey {
    key.clone()
}

fn main() {
    let _ = copy;
}
