//! All that is folded from one tenant's journal, held in memory.
//!
//! *Invariant:* live work and replay fold through [`Model::apply`] alone, so that what lives equals
//! what is rebuilt; the digests of the two are compared by `zegel replay --check`.

use std::collections::{BTreeMap, BTreeSet};

use bincode::{Decode, Encode};
use events::{Content, Event, Forgotten, OpenPart, Place};
use projections::Views;
use record::public::{Cut, PublicPart};
use record::{LeafId, OrderId, PartKind, Plaintext, Record, ScopeId, SubjectId, Writer};
use vault::{Opening, Vault};

use crate::commands::Commands;
use crate::execute::Fault;
use crate::tenant::public_part;

/// State of the rules, the views, the command ids and what was destroyed.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Model {
    pub(crate) state: rules::State,
    pub(crate) views: Views,
    pub(crate) commands: Commands,
    pub(crate) destroyed: Destroyed,
    pub(crate) stated_lost: StatedLost,
    targets: BTreeMap<OrderId, Vec<Cut>>,
    /// Whose keys the next receipt destroyed, and in which scopes: asked of the key tree before the
    /// cut.
    dying: Option<Dying>,
}

/// Whose leaves a cut destroys, and the scopes that those stand in.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Dying {
    pub(crate) owners: BTreeSet<SubjectId>,
    pub(crate) scopes: BTreeSet<ScopeId>,
}

/// Keys that the last declared restore did not bring back: known, and no incident.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct StatedLost {
    leaves: BTreeSet<LeafId>,
    scopes: BTreeSet<ScopeId>,
}

impl StatedLost {
    /// Whether a part under these keys is among what was lost.
    pub(crate) fn covers(&self, leaf: LeafId, scope: ScopeId) -> bool {
        self.leaves.contains(&leaf) || self.scopes.contains(&scope)
    }

    /// How many keys.
    pub(crate) fn count(&self) -> usize {
        self.leaves.len() + self.scopes.len()
    }
}

/// Ids that receipts cover.
#[derive(Debug, Default, Encode, Decode)]
pub(crate) struct Destroyed {
    pub(crate) leaves: BTreeSet<LeafId>,
    pub(crate) scopes: BTreeSet<ScopeId>,
    pub(crate) tenant: bool,
}

impl Destroyed {
    /// Whether a receipt covers a part under these keys.
    pub(crate) fn covers(&self, leaf: LeafId, scope: ScopeId) -> bool {
        self.tenant || self.leaves.contains(&leaf) || self.scopes.contains(&scope)
    }
}

impl Model {
    /// Told before a cut: whose keys it destroys, so that forgetting costs what is forgotten.
    pub(crate) fn expect_to_forget(&mut self, dying: Dying) {
        self.dying = Some(dying);
    }

    /// Folds one event in its place.
    pub(crate) fn apply(&mut self, place: &Place, event: &Event) {
        self.commands.note(place.command, place.seq);
        self.state.evolve(place, event);
        self.views.apply(place, event);
    }

    /// Folds an opened record, and what its public part destroys.
    pub(crate) fn apply_record(&mut self, record: &Record, event: &Event) -> Result<(), Fault> {
        self.apply(&Place::of(&record.header), event);
        if let Some(part) = public_part(record)? {
            self.apply_public(&part);
        }
        Ok(())
    }

    /// Folds what the public part says of keys, after the event itself was applied: the targets of an
    /// order, what a receipt destroyed, what a restore states lost.
    pub(crate) fn apply_public(&mut self, part: &PublicPart) {
        match part {
            PublicPart::ErasureOrdered(ordered) => {
                self.targets.insert(ordered.order, ordered.targets.clone());
            }
            PublicPart::KeysDestroyed(receipt) => {
                let gone = self.forgotten(receipt);
                self.state.forget(&gone);
                self.views.forget(&gone);
                self.destroyed.leaves.extend(&receipt.leaves);
                self.destroyed.scopes.extend(&receipt.scopes);
                self.destroyed.tenant |= receipt.tenant;
            }
            PublicPart::RestoreDeclared(declared) => {
                self.stated_lost = StatedLost {
                    leaves: declared.lost_leaves.iter().copied().collect(),
                    scopes: declared.lost_scopes.iter().copied().collect(),
                };
            }
            _ => {}
        }
    }

    fn forgotten(&mut self, receipt: &record::public::KeysDestroyed) -> Forgotten {
        let targets = self.targets.remove(&receipt.order).unwrap_or_default();
        let subject = |target: &Cut| match target {
            Cut::Subject(subject) => Some(*subject),
            _ => None,
        };
        let subjects: BTreeSet<_> = targets.iter().filter_map(subject).collect();
        // A scope is everybody's: then everything is looked through.
        // INVARIANT: a view keeps what a part about a person gave it, which opened under a leaf of
        // that person. A replay begins after the cut: those leaves opened nothing, and `dying` is
        // empty, as everything of them is.
        let (mut owners, within) = match self.dying.take() {
            Some(Dying { owners, scopes }) => (owners, Some(scopes)),
            None => (BTreeSet::new(), None),
        };
        owners.extend(&subjects);
        let told = receipt.scopes.is_empty();
        Forgotten {
            subjects,
            owners: told.then_some(owners),
            within: within.filter(|_| told),
            leaves: receipt.leaves.iter().copied().collect(),
            scopes: receipt.scopes.iter().copied().collect(),
            tenant: receipt.tenant,
        }
    }

    /// The canonical bytes of everything folded, by name: what digests are taken of.
    pub(crate) fn digest_inputs(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut inputs = self.views.digest_inputs();
        inputs.push(("rules", self.state.digest_input()));
        let mut commands = Writer::with_capacity(self.commands.len() * 24);
        for (command, seq) in self.commands.iter() {
            commands.bytes(command.as_bytes()).u64(seq.0);
        }
        inputs.push(("commands", commands.finish()));
        inputs
    }
}

/// Opens every part that the vault can open and decodes the event.
///
/// Without a vault, as of an ended tenant, only public events are left: `None` for all others.
pub(crate) fn open_event(vault: Option<&Vault>, record: &Record) -> Result<Option<Event>, Fault> {
    if vault.is_none() && record.public_text().is_none() {
        return Ok(None);
    }
    decode_event(record, open_parts(vault, record)?).map(Some)
}

/// Opens every part that the vault can open.
pub(crate) fn open_parts(vault: Option<&Vault>, record: &Record) -> Result<Vec<OpenPart>, Fault> {
    let seq = record.header.seq;
    let bodies = record.header.parts.iter().zip(&record.bodies).enumerate();
    let parts = bodies.map(|(index, (header, body))| {
        let content = open_content(vault, record, index, body)
            .ok_or(Fault::TamperedPart { seq, part: index })?;
        Ok(OpenPart { header: *header, content })
    });
    parts.collect()
}

/// The event that opened parts are.
pub(crate) fn decode_event(record: &Record, parts: Vec<OpenPart>) -> Result<Event, Fault> {
    let event = Event::decode(&record.header.kind, parts);
    event.map_err(|error| Fault::Event { seq: record.header.seq, error })
}

/// The content of one part; `None` if it was tampered with.
fn open_content(
    vault: Option<&Vault>,
    record: &Record,
    index: usize,
    body: &[u8],
) -> Option<Content> {
    let public = record.header.parts.get(index)?.kind == PartKind::Public;
    match vault {
        None if public => {
            Some(Content::Open { subject: None, bytes: Plaintext::new(body.to_vec()) })
        }
        None => Some(Content::Gone),
        Some(vault) => match vault.open_part(&record.header, index, body) {
            Opening::Open(opened) => {
                Some(Content::Open { subject: opened.subject, bytes: opened.bytes })
            }
            Opening::NoKey => Some(Content::Gone),
            Opening::Tampered => None,
        },
    }
}
