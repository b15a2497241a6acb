//! Guard, checkpoint and digests: durable, guarded, published, in this order.
//!
//! *Invariant:* what was guarded is durable in the journal; what is published was guarded.

use std::time::Duration;

use evidence::Witness;
use journal::{Batch, GuardState, LeafletKey, Urgency};
use record::checkpoint::Checkpoint;
use record::public::{PublicPart, TenantWitnessed};
use record::tree::TreeHead;
use record::{Hash, JournalId, Origin, Plaintext, Record, Seq, Writer};
use vault::Vault;

use crate::engine::{Engine, commit_urgent, seal_public};
use crate::execute::Fault;
use crate::model::Model;
use crate::tenant::public_part;

/// Leaflets that hold a checkpoint note; numbered by its size.
pub(crate) const CHECKPOINT_LEAFLET: u8 = 1;
/// Leaflets that hold sealed view digests; numbered by the size they were taken at.
///
/// A change of what views and rules are encoded as takes the next number: digests of another encoding
/// can be compared with nothing, and are taken anew at the first opening.
pub(crate) const DIGEST_LEAFLET: u8 = 3;
/// Digests of earlier encodings.
const FORMER_DIGEST_LEAFLETS: [u8; 1] = [2];
/// What sealed digests are bound to: their journal and the size they were taken at.
pub(crate) fn digest_context(origin: Origin, size: u64) -> String {
    format!("zegel 2026-11 view digests v1 {origin} {size}")
}

/// A checkpoint is published within this time after a record: the stated rollback window.
pub(crate) const PUBLISH_AFTER: Duration = Duration::from_secs(1);
/// Or after this many records, whichever comes first.
const PUBLISH_AFTER_RECORDS: u64 = journal::MARK_EVERY;

/// Digests are due when a journal grew by this share of its size, an eighth, since the last ones.
/// They also follow every receipt, precede every export, and are taken at shutdown.
const DIGESTS_AFTER_SHARE: u64 = 8;
/// After a receipt they are taken at once of a journal up to this size, in some milliseconds; of a
/// larger one with the next checkpoint that is due, for all receipts until then.
const DIGESTS_AT_ONCE_RECORDS: u64 = 32_768;

/// Checkpoints and digests of so many moments are kept; auditors keep older checkpoints.
const LEAFLETS_MAX: usize = 1_024;

type OldLeaflet = (JournalId, LeafletKey, Option<Vec<u8>>);

/// A published checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

impl Engine {
    /// Guards, signs and stores a checkpoint of a tenant's journal with the digests of its views,
    /// and notes its salted hash in the operator journal.
    ///
    /// # Errors
    /// [`Fault`] when something cannot be written; the engine is then broken.
    pub fn checkpoint(&mut self, id: JournalId) -> Result<Published, Fault> {
        self.publish(id, true).inspect_err(|_| self.broken = true)
    }

    fn publish(&mut self, id: JournalId, with_digests: bool) -> Result<Published, Fault> {
        self.check_alive()?;
        // INVARIANT: what the guard must keep was kept when it was appended, or at opening.
        self.guard(id, &[])?;
        let digests = if with_digests { self.sealed_digests(id)? } else { None };
        let (published, mut batch) = self.signed(id)?;
        let size = published.checkpoint.head.size;
        if let Some(sealed) = digests {
            let key = LeafletKey { kind: DIGEST_LEAFLET, number: size };
            batch.leaflets.push((id, key, Some(sealed)));
        }
        batch.leaflets.extend(self.outdated(id)?);
        self.store.commit(batch)?;
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        tenant.published = size;
        tenant.digested = if with_digests { size } else { tenant.digested };
        self.witness(id, &published)?;
        Ok(published)
    }

    /// Publishes after a receipt, which made all older digests worthless; see
    /// [`DIGESTS_AT_ONCE_RECORDS`].
    pub(crate) fn publish_receipt(&mut self, id: JournalId) -> Result<(), Fault> {
        let at_once = self.store.size(id) <= DIGESTS_AT_ONCE_RECORDS;
        self.publish(id, at_once).inspect_err(|_| self.broken = true)?;
        if !at_once {
            self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?.digested = 0;
        }
        Ok(())
    }

    /// Publishes whatever grew since its last checkpoint or digests, with digests.
    ///
    /// # Errors
    /// [`Fault`] when something cannot be written.
    pub fn publish_with_digests(&mut self) -> Result<(), Fault> {
        let grown = |(id, tenant): (&JournalId, &crate::Tenant)| {
            (self.store.size(*id) > tenant.published.min(tenant.digested)).then_some(*id)
        };
        let ids: Vec<_> = self.tenants.iter().filter_map(grown).collect();
        ids.into_iter().try_for_each(|id| self.publish_or_digest(id, true))
    }

    /// Publishes a journal that grew; of one that did not, keeps the digests that it lacks.
    pub(crate) fn publish_or_digest(
        &mut self,
        id: JournalId,
        with_digests: bool,
    ) -> Result<(), Fault> {
        let size = self.store.size(id);
        let published = self.tenants.get(&id).ok_or(Fault::NoTenant)?.published;
        let done = match size > published {
            true => self.publish(id, with_digests).map(drop),
            false => self.digest(id, size),
        };
        done.inspect_err(|_| self.broken = true)
    }

    /// Keeps digests beside a checkpoint that was published without.
    fn digest(&mut self, id: JournalId, size: u64) -> Result<(), Fault> {
        self.check_alive()?;
        let sealed = self.sealed_digests(id)?;
        let key = LeafletKey { kind: DIGEST_LEAFLET, number: size };
        let leaflets = sealed.into_iter().map(|sealed| (id, key, Some(sealed))).collect();
        self.store.commit(Batch { leaflets, urgency: Urgency::Cut, ..Batch::default() })?;
        self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?.digested = size;
        Ok(())
    }

    /// Publishes whatever grew since its last checkpoint; with digests only where they are due.
    ///
    /// Digests are taken of everything that was ever folded. At each checkpoint they would cost a
    /// journal of a million records more than all the rest, so they wait until it grew by a share.
    pub(crate) fn publish_as_due(&mut self) -> Result<(), Fault> {
        let grown = |(id, tenant): (&JournalId, &crate::Tenant)| {
            let size = self.store.size(*id);
            let since = size.saturating_sub(tenant.digested);
            let due = since > 0 && since >= size / DIGESTS_AFTER_SHARE;
            (size > tenant.published || due).then_some((*id, due))
        };
        let ids: Vec<_> = self.tenants.iter().filter_map(grown).collect();
        ids.into_iter().try_for_each(|(id, due)| self.publish_or_digest(id, due))
    }

    /// Publishes when a second has passed since the last time, or 4,096 records came.
    ///
    /// # Errors
    /// [`Fault`] when something cannot be written.
    pub fn publish_if_due(&mut self) -> Result<(), Fault> {
        let now = self.clock.now();
        // A clock that was put back says nothing about how long it was.
        let waited = now.0.checked_sub(self.published_at.0).map(Duration::from_micros);
        let records = |(id, tenant): (&JournalId, &crate::Tenant)| {
            self.store.size(*id).saturating_sub(tenant.published)
        };
        let most = self.tenants.iter().map(records).max().unwrap_or(0);
        if waited.is_some_and(|waited| waited < PUBLISH_AFTER) && most < PUBLISH_AFTER_RECORDS {
            return Ok(());
        }
        self.published_at = now;
        self.publish_as_due()
    }

    /// The newest published checkpoint of a tenant.
    ///
    /// # Errors
    /// [`Fault`] when the store cannot be read.
    pub fn published(&self, id: JournalId) -> Result<Option<String>, Fault> {
        let Some(newest) = self.leaflets(id, CHECKPOINT_LEAFLET)?.into_iter().next() else {
            return Ok(None);
        };
        Ok(self.store.leaflet(id, newest)?.and_then(|note| String::from_utf8(note).ok()))
    }

    /// Guards and signs the operator journal.
    pub(crate) fn checkpoint_operator(&mut self) -> Result<Published, Fault> {
        let origin = self.operator.origin;
        let head = self.store.head(origin.journal).ok_or(Fault::NotInstalled)?;
        let (size, root) = (head.size, head.root);
        self.operator.guard.advance(GuardState { origin, size, root, epoch: 0 })?;
        let (published, batch) = self.signed(origin.journal)?;
        self.store.commit(batch)?;
        Ok(published)
    }

    /// The leaflets of one kind, newest first; none that claims more records than there are.
    pub(crate) fn leaflets(&self, id: JournalId, kind: u8) -> Result<Vec<LeafletKey>, Fault> {
        let mut keys = self.store.leaflets(id, kind)?;
        let size = self.store.size(id);
        keys.retain(|key| key.number <= size);
        Ok(keys)
    }

    /// Removes the oldest leaflets when there are too many of them.
    fn outdated(&self, id: JournalId) -> Result<Vec<OldLeaflet>, Fault> {
        let mut outdated = Vec::new();
        for kind in [CHECKPOINT_LEAFLET, DIGEST_LEAFLET] {
            let old = self.store.leaflets(id, kind)?.into_iter().skip(LEAFLETS_MAX);
            outdated.extend(old.map(|key| (id, key, None)));
        }
        for kind in FORMER_DIGEST_LEAFLETS {
            let former = self.store.leaflets(id, kind)?.into_iter();
            outdated.extend(former.map(|key| (id, key, None)));
        }
        Ok(outdated)
    }

    /// Copies to the guard what a crash kept from it, then advances it.
    pub(crate) fn guard_tail(&mut self, id: JournalId) -> Result<(), Fault> {
        let size = self.store.size(id);
        let guarded = self.tenants.get(&id).ok_or(Fault::NoTenant)?.guard.state().size;
        let mut missing = Vec::new();
        for record in self.store.scan(id, Seq(guarded), Seq(size)) {
            let record = record?;
            if must_keep(&record)? {
                missing.push(record);
            }
        }
        self.guard(id, &missing)
    }

    /// Guards records of an erasure at once: they are acknowledged only after this.
    pub(crate) fn guard_records(&mut self, id: JournalId, records: &[Record]) -> Result<(), Fault> {
        let mut kept = Vec::new();
        for record in records {
            if must_keep(record)? {
                kept.push(record.clone());
            }
        }
        if kept.is_empty() { Ok(()) } else { self.guard(id, &kept) }
    }

    /// Hands records to the guard, and with them how far the journal is.
    fn guard(&mut self, id: JournalId, records: &[Record]) -> Result<(), Fault> {
        let head = self.store.head(id).ok_or(Fault::NoTenant)?;
        let tenant = self.tenants.get_mut(&id).ok_or(Fault::NoTenant)?;
        let epoch = tenant.vault.as_ref().map_or(tenant.guard.state().epoch, Vault::epoch);
        let state = GuardState { origin: head.origin, size: head.size, root: head.root, epoch };
        Ok(tenant.guard.keep_all(records, state)?)
    }

    /// The digests of everything folded, sealed under the tenant's root node key.
    fn sealed_digests(&self, id: JournalId) -> Result<Option<Vec<u8>>, Fault> {
        let tenant = self.tenants.get(&id).ok_or(Fault::NoTenant)?;
        let Some(vault) = &tenant.vault else { return Ok(None) };
        let size = self.store.size(id);
        let digests = encode_digests(&digests_of(vault, &tenant.model)?);
        let context = digest_context(tenant.origin(), size);
        Ok(Some(vault.seal_under_root(&context, &Plaintext::new(digests))?))
    }

    /// Signs the head of a journal and prepares its leaflet.
    fn signed(&self, id: JournalId) -> Result<(Published, Batch), Fault> {
        let head = self.store.head(id).ok_or(Fault::NoTenant)?;
        let checkpoint =
            Checkpoint { origin: head.origin, head: TreeHead { size: head.size, root: head.root } };
        let note = checkpoint.sign(&self.signing.signer).to_string();
        let key = LeafletKey { kind: CHECKPOINT_LEAFLET, number: head.size };
        let leaflets = vec![(id, key, Some(note.clone().into_bytes()))];
        // It may use the reserve: it grows only with what was taken in, and on a full disk that is
        // erasures alone, each of which must be published.
        let batch = Batch { leaflets, urgency: Urgency::Cut, ..Batch::default() };
        Ok((Published { checkpoint, note }, batch))
    }

    /// Notes a tenant's checkpoint, salted, in the operator journal.
    fn witness(&mut self, id: JournalId, published: &Published) -> Result<(), Fault> {
        let checkpoint = self.witness_of(&published.checkpoint).hash();
        let part = PublicPart::TenantWitnessed(TenantWitnessed { tenant: id, checkpoint });
        let sealed = seal_public(self.operator.origin, &part)?;
        let (origin, now) = (self.operator.origin, self.clock.now());
        commit_urgent(&mut self.store, origin, now, vec![sealed], Vec::new())?;
        self.checkpoint_operator().map(|_| ())
    }

    /// The salted hash of a checkpoint's text, under the salt that this installation gives it.
    pub(crate) fn witness_of(&self, checkpoint: &Checkpoint) -> Witness {
        Witness::new(self.signing.witness_salt(&checkpoint.text()), checkpoint)
    }
}

/// Orders, approvals, fences and receipts have a copy in the guard, and the beginnings of eras.
pub(crate) fn must_keep(record: &Record) -> Result<bool, Fault> {
    let part = public_part(record)?;
    Ok(matches!(
        part,
        Some(
            PublicPart::ErasureOrdered(_)
                | PublicPart::ErasureApproved(_)
                | PublicPart::ErasureFenced(_)
                | PublicPart::KeysDestroyed(_)
                | PublicPart::RestoreDeclared(_)
        )
    ))
}

/// Name and keyed digest of every view, of the rules' state and of the command ids.
pub(crate) type Digests = Vec<(String, Hash)>;

pub(crate) fn digests_of(vault: &Vault, model: &Model) -> Result<Digests, Fault> {
    let key = vault.digest_key()?;
    let digest =
        |(name, bytes): (&'static str, Vec<u8>)| (name.to_owned(), key.digest(name, &bytes));
    Ok(model.digest_inputs().into_iter().map(digest).collect())
}

fn encode_digests(digests: &Digests) -> Vec<u8> {
    let mut out = Writer::default();
    for (name, digest) in digests {
        out.text(name).bytes(&digest.0);
    }
    out.finish()
}

/// Reads what [`encode_digests`] wrote.
pub(crate) fn decode_digests(bytes: &[u8]) -> Option<Digests> {
    let mut reader = record::Reader::new(bytes);
    let mut digests = Vec::new();
    while reader.remaining() > 0 {
        let name = reader.text(64, "view").ok()?.to_owned();
        digests.push((name, Hash(reader.array("digest").ok()?)));
    }
    Some(digests)
}
