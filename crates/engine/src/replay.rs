//! `replay --check`: rebuild every view by the production code and compare digests.
//!
//! *Invariant:* digests taken before the last cut cannot be opened any more, so a replay to such a
//! point is «not comparable», never equal.

use record::{JournalId, Seq};
use serde::Serialize;

use crate::checkpoint::{DIGEST_LEAFLET, Digests, decode_digests, digest_context, digests_of};
use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::model::{Model, open_event};
use crate::tenant::{Tenant, public_part};

/// What a check of one tenant found.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayCheck {
    /// The tenant.
    pub tenant: String,
    /// The organisation.
    pub name: String,
    /// Records replayed.
    pub records: u64,
    /// Size of the journal.
    pub size: u64,
    /// The verdict.
    pub verdict: ReplayVerdict,
    /// Digest of each view as rebuilt.
    pub digests: Vec<(String, String)>,
}

/// Whether the rebuilt views equal the live ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ReplayVerdict {
    /// Every digest equals the one sealed beside the checkpoint.
    Equal,
    /// These views differ.
    Different {
        /// Their names.
        views: Vec<String>,
    },
    /// The digests of that point were sealed under a root that a later cut destroyed.
    NotComparable {
        /// Place of the receipt of that cut.
        cut_at: u64,
    },
    /// No digests were ever sealed at or before that point.
    NoDigest,
    /// The agreement ended: public parts were read, and nothing else is left to read.
    Ended,
}

impl ReplayVerdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Equal | Self::Ended)
    }
}

impl Engine {
    /// Rebuilds a tenant's views up to the newest checkpoint at or before `to`, and compares.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or the journal cannot be read.
    pub fn replay_check(
        &self,
        id: JournalId,
        to: Option<Seq>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<ReplayCheck, EngineError> {
        let tenant = self.tenants.get(&id).ok_or(EngineError::UnknownTenant)?;
        let size = self.store.size(id);
        let limit = to.map_or(size, |to| to.next().0.min(size));
        if tenant.has_ended() {
            return self.ended_check(tenant, size, progress);
        }
        let (point, sealed) = self.newest_digests(id, limit)?;
        let rebuilt = self.rebuild(tenant, point, progress)?;
        let rebuilt = digests_of(tenant.vault()?, &rebuilt)?;
        let verdict = self.verdict(tenant, point, sealed.as_deref(), &rebuilt)?;
        Ok(check(tenant, point, size, verdict, rebuilt))
    }

    fn ended_check(
        &self,
        tenant: &Tenant,
        size: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<ReplayCheck, EngineError> {
        for record in self.store.scan(tenant.id(), Seq(0), Seq(size)) {
            let record = record.map_err(Fault::from)?;
            public_part(&record)?;
            progress(record.header.seq.0);
        }
        Ok(check(tenant, size, size, ReplayVerdict::Ended, Vec::new()))
    }

    /// The newest sealed digests at or below a size; without any, the size itself.
    fn newest_digests(
        &self,
        id: JournalId,
        limit: u64,
    ) -> Result<(u64, Option<Vec<u8>>), EngineError> {
        let leaflets = self.leaflets(id, DIGEST_LEAFLET)?;
        let Some(newest) = leaflets.into_iter().find(|key| key.number <= limit) else {
            return Ok((limit, None));
        };
        Ok((newest.number, self.store.leaflet(id, newest).map_err(Fault::from)?))
    }

    /// Folds the first `size` records from empty.
    fn rebuild(
        &self,
        tenant: &Tenant,
        size: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Model, Fault> {
        let mut model = Model::default();
        for record in self.store.scan(tenant.id(), Seq(0), Seq(size)) {
            let record = record?;
            let event = open_event(tenant.vault.as_ref(), &record)?.ok_or(Fault::Ended)?;
            model.apply_record(&record, &event)?;
            progress(record.header.seq.0);
        }
        Ok(model)
    }

    fn verdict(
        &self,
        tenant: &Tenant,
        point: u64,
        sealed: Option<&[u8]>,
        rebuilt: &Digests,
    ) -> Result<ReplayVerdict, EngineError> {
        let Some(sealed) = sealed else { return Ok(ReplayVerdict::NoDigest) };
        let context = digest_context(tenant.origin(), point);
        let opened = tenant.vault()?.open_under_root(&context, sealed);
        let Some(live) = opened.and_then(|bytes| decode_digests(bytes.as_slice())) else {
            let cut_at = tenant.views().erasures().last_receipt_after(Seq(point));
            return Ok(cut_at.map_or(
                ReplayVerdict::Different { views: vec!["sealed digests".to_owned()] },
                |seq| ReplayVerdict::NotComparable { cut_at: seq.0 },
            ));
        };
        let differ = |(name, digest): &&(String, record::Hash)| {
            !live.iter().any(|(other, live)| other == name && live == digest)
        };
        let views: Vec<_> = rebuilt.iter().filter(differ).map(|(name, _)| name.clone()).collect();
        let same = views.is_empty() && live.len() == rebuilt.len();
        Ok(if same { ReplayVerdict::Equal } else { ReplayVerdict::Different { views } })
    }
}

fn check(
    tenant: &Tenant,
    records: u64,
    size: u64,
    verdict: ReplayVerdict,
    digests: Digests,
) -> ReplayCheck {
    ReplayCheck {
        tenant: tenant.id().to_string(),
        name: tenant.name().to_owned(),
        records,
        size,
        verdict,
        digests: digests.into_iter().map(|(name, digest)| (name, digest.to_string())).collect(),
    }
}
