//! There is one vault for a tenant.

fn copy(vault: &vault::Vault) -> impl Sized + use<> {
    fn owned<T: Clone>(value: &T) -> T {
        value.clone()
    }
    owned(vault)
}

fn main() {
    let _ = copy;
}
