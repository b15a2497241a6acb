//! Bundles for auditors: a checkpoint first, then everything under it.
//!
//! *Invariant:* a bundle holds no key; the census is the operator's statement, signed as such.

use std::collections::BTreeSet;
use std::path::Path;

use evidence::{BundleInput, KeyHistory, KeyId, KeyStanding, Target, write_bundle};
use record::{JournalId, ScopeId, Seq};

use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::tenant::Tenant;

impl Engine {
    /// Writes a bundle of a tenant: a directory, or a tar when the name ends in `.tar`. Says how
    /// many records it holds.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown, the target exists, or it cannot be written.
    pub fn export_bundle(
        &mut self,
        id: JournalId,
        out: &Path,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, EngineError> {
        self.tenant(id)?;
        let checkpoint = self.checkpoint(id)?.checkpoint;
        let tenant = self.tenant(id)?;
        let size = checkpoint.head.size;
        let scopes: BTreeSet<ScopeId> = tenant.held_scopes();
        let scan = self.store.scan(id, Seq(0), Seq(size));
        let input = BundleInput {
            checkpoint,
            keys: KeyHistory::new(self.signing.signer.vkey()),
            records: Box::new(scan.map(|record| record.map_err(Into::into))),
            census: &|key| standing(tenant, &scopes, key),
            witness: Some(self.witness_of(&checkpoint)),
        };
        self.write(out, input, size, progress)?;
        Ok(size)
    }

    /// Writes a bundle of the operator journal, with which a tenant's bundle is cross-checked.
    ///
    /// # Errors
    /// [`EngineError`] when the target exists or cannot be written.
    pub fn export_operator(
        &mut self,
        out: &Path,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, EngineError> {
        let checkpoint = self.checkpoint_operator()?.checkpoint;
        let size = checkpoint.head.size;
        let scan = self.store.scan(checkpoint.origin.journal, Seq(0), Seq(size));
        let input = BundleInput {
            checkpoint,
            keys: KeyHistory::new(self.signing.signer.vkey()),
            records: Box::new(scan.map(|record| record.map_err(Into::into))),
            // It has public parts only.
            census: &|_| KeyStanding::Lost,
            witness: None,
        };
        self.write(out, input, size, progress)?;
        Ok(size)
    }

    fn write(
        &self,
        out: &Path,
        input: BundleInput<'_>,
        size: u64,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), EngineError> {
        let is_tar = out.extension().is_some_and(|extension| extension == "tar");
        let out = out.to_owned();
        let target = if is_tar { Target::Tar(out) } else { Target::Directory(out) };
        write_bundle(&target, input, &self.signing.signer, &mut |done| progress(done, size))
            .map_err(|error| Fault::Bundle(error.to_string()))?;
        Ok(())
    }
}

/// What the operator states of a key.
fn standing(tenant: &Tenant, scopes: &BTreeSet<ScopeId>, key: KeyId) -> KeyStanding {
    let destroyed = &tenant.model.destroyed;
    let (held, receipted) = match key {
        KeyId::Leaf(leaf) => (tenant.holds_leaf(leaf), destroyed.leaves.contains(&leaf)),
        KeyId::Scope(scope) => (scopes.contains(&scope), destroyed.scopes.contains(&scope)),
    };
    match (held, receipted || destroyed.tenant) {
        (true, _) => KeyStanding::Present,
        (false, true) => KeyStanding::Destroyed,
        (false, false) => KeyStanding::Lost,
    }
}
