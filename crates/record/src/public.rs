//! Public parts: what a verifier without keys must be able to read (docs/format/public-parts.md).
//!
//! *Invariant:* no personal data stands here; people occur as random references only. What
//! [`PublicPart::check`] accepts decodes from its own bytes, and only that decodes.

use bincode::{Decode, Encode};

use crate::header::{EventKind, Hash};
use crate::ids::{ActorId, JournalId, LeafId, OrderId, ScopeId, Seq, SubjectId};
use crate::sealed::Record;
use crate::wire::{DecodeError, Reader, Writer};

/// Longest ground of an erasure, for example `art-17`, in bytes.
pub const GROUND_BYTES_MAX: u16 = 64;
/// Longest name of an organisation, in bytes.
pub const ORGANISATION_BYTES_MAX: u16 = 200;
/// Longest verifying key in text form, in bytes.
pub const VKEY_BYTES_MAX: u16 = 400;
/// Most targets of one order.
pub const TARGETS_MAX: usize = 100_000;

/// What an order wants destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Cut {
    /// All keys of one person or pseudonym.
    Subject(SubjectId),
    /// One leaf: one category of one person, or a thing that stands alone.
    Leaf(LeafId),
    /// Everything minted for one scope.
    Scope(ScopeId),
    /// The whole tenant.
    Tenant,
}

/// Genesis of the operator journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationStarted {
    /// The verifying key that signs from here on.
    pub vkey: String,
}

/// The operator journal's note that a tenant began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRegistered {
    /// Its journal.
    pub tenant: JournalId,
    /// The organisation, not a person.
    pub name: String,
}

/// The operator journal's note of a tenant's checkpoint, salted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantWitnessed {
    /// Its journal.
    pub tenant: JournalId,
    /// `BLAKE3(salt (32) ‖ checkpoint text)`; the salt goes to the tenant alone.
    pub checkpoint: Hash,
}

/// The operator journal's copy of a tenant's last fence or receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantClosing {
    /// Its journal.
    pub tenant: JournalId,
    /// Where the copied record stands in the tenant's journal.
    pub seq: Seq,
    /// Its record hash.
    pub record: Hash,
    /// Whether the keys are gone (a receipt) or about to go (a fence).
    pub destroyed: bool,
}

/// Genesis of a tenant journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantStarted {
    /// The installation's operator journal.
    pub operator: JournalId,
    /// The organisation, not a person.
    pub name: String,
}

/// Somebody asked for an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureOrdered {
    /// Names the order in all that follows.
    pub order: OrderId,
    /// For example `art-17`.
    pub ground: String,
    /// Who asked.
    pub ordered_by: ActorId,
    /// Whether another than the asker must approve.
    pub four_eyes: bool,
    /// What is to go.
    pub targets: Vec<Cut>,
}

/// Somebody agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasureApproved {
    /// Which order.
    pub order: OrderId,
    /// Who agreed.
    pub approved_by: ActorId,
}

/// The ids that are about to die; from here on nothing may be sealed under them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ErasureFenced {
    /// Which order.
    pub order: OrderId,
    /// Key epoch before the cut.
    pub epoch_before: u64,
    /// Whether the whole tenant goes; then the lists are empty.
    pub tenant: bool,
    /// Leaf ids, ascending.
    pub leaves: Vec<LeafId>,
    /// Scope ids, ascending.
    pub scopes: Vec<ScopeId>,
}

/// The receipt: the keys are destroyed, at a stated level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysDestroyed {
    /// Which order.
    pub order: OrderId,
    /// The ground of the order.
    pub ground: String,
    /// Who approved.
    pub approved_by: ActorId,
    /// Key epoch before the cut.
    pub epoch_before: u64,
    /// Key epoch after the cut.
    pub epoch_after: u64,
    /// 1: overwritten at block level; 0: nothing is claimed of the medium.
    pub level: u8,
    /// Days within which every escrowed root copy is gone; 0 when there is no escrow.
    pub backup_days: u16,
    /// Whether the whole tenant went; then the lists are empty.
    pub tenant: bool,
    /// Leaf ids, ascending.
    pub leaves: Vec<LeafId>,
    /// Scope ids, ascending.
    pub scopes: Vec<ScopeId>,
}

/// The views forgot, and nothing of the order is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasureCompleted {
    /// Which order.
    pub order: OrderId,
}

/// Ciphertexts were removed from storage after their keys were destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsPurged {
    /// The order whose receipt covers them.
    pub order: OrderId,
    /// Record and part index of each, ascending.
    pub parts: Vec<(Seq, u8)>,
}

/// A journal was put back from a backup: a new era begins, and what is missing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreDeclared {
    /// The era of the guard that the journal was held to.
    pub guarded_era: u32,
    /// How many records the guard knew.
    pub guarded_size: u64,
    /// The root of the tree over them.
    pub guarded_root: Hash,
    /// The epoch of the keys that the guard knew.
    pub guarded_epoch: u64,
    /// How many records were put back: the place of this record.
    pub restored_size: u64,
    /// For example `disk-lost`.
    pub ground: String,
    /// Who decided.
    pub approved_by: ActorId,
    /// Leaves that the records name and of which no key came back, ascending.
    pub lost_leaves: Vec<LeafId>,
    /// Scopes likewise.
    pub lost_scopes: Vec<ScopeId>,
}

/// Any public part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of the same name")]
pub enum PublicPart {
    InstallationStarted(InstallationStarted),
    TenantRegistered(TenantRegistered),
    TenantWitnessed(TenantWitnessed),
    TenantClosing(TenantClosing),
    TenantStarted(TenantStarted),
    ErasureOrdered(ErasureOrdered),
    ErasureApproved(ErasureApproved),
    ErasureFenced(ErasureFenced),
    KeysDestroyed(KeysDestroyed),
    ErasureCompleted(ErasureCompleted),
    PartsPurged(PartsPurged),
    RestoreDeclared(RestoreDeclared),
}

impl PublicPart {
    /// Name of the event whose part 0 this is; all stand at version 1.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        match self {
            Self::InstallationStarted(_) => "installation.started",
            Self::TenantRegistered(_) => "tenant.registered",
            Self::TenantWitnessed(_) => "tenant.witnessed",
            Self::TenantClosing(_) => "tenant.closing",
            Self::TenantStarted(_) => "tenant.started",
            Self::ErasureOrdered(_) => "erasure.ordered",
            Self::ErasureApproved(_) => "erasure.approved",
            Self::ErasureFenced(_) => "erasure.fenced",
            Self::KeysDestroyed(_) => "erasure.keys-destroyed",
            Self::ErasureCompleted(_) => "erasure.completed",
            Self::PartsPurged(_) => "erasure.parts-purged",
            Self::RestoreDeclared(_) => "restore.declared",
        }
    }

    /// Name and version.
    ///
    /// # Errors
    /// Never in practice: every name above is allowed.
    pub fn kind(&self) -> Result<EventKind, DecodeError> {
        EventKind::new(self.event_name(), 1)
    }

    /// Whether [`PublicPart::encode`] gives bytes that [`PublicPart::decode`] reads back: limits,
    /// order of lists, and texts that are not empty and hold plain characters alone.
    ///
    /// Callers check before they record; whoever decodes need not check again.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format.
    pub fn check(&self) -> Result<(), DecodeError> {
        match self {
            Self::InstallationStarted(part) => check_text(&part.vkey, VKEY_BYTES_MAX, "vkey"),
            Self::TenantRegistered(part) => check_text(&part.name, ORGANISATION_BYTES_MAX, "name"),
            Self::TenantStarted(part) => check_text(&part.name, ORGANISATION_BYTES_MAX, "name"),
            Self::ErasureOrdered(part) => check_order(part),
            Self::ErasureFenced(part) => check_lists(part.tenant, &part.leaves, &part.scopes),
            Self::KeysDestroyed(part) => check_receipt(part),
            Self::PartsPurged(part) => check_ascending(&part.parts, "parts"),
            Self::RestoreDeclared(part) => check_restore(part),
            Self::TenantWitnessed(_)
            | Self::TenantClosing(_)
            | Self::ErasureApproved(_)
            | Self::ErasureCompleted(_) => Ok(()),
        }
    }

    /// The bytes of part 0.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        match self {
            Self::InstallationStarted(part) => out.text(&part.vkey),
            Self::TenantRegistered(part) => out.bytes(part.tenant.as_bytes()).text(&part.name),
            Self::TenantWitnessed(part) => {
                out.bytes(part.tenant.as_bytes()).bytes(&part.checkpoint.0)
            }
            Self::TenantClosing(part) => out
                .bytes(part.tenant.as_bytes())
                .u64(part.seq.0)
                .bytes(&part.record.0)
                .u8(u8::from(part.destroyed)),
            Self::TenantStarted(part) => out.bytes(part.operator.as_bytes()).text(&part.name),
            Self::ErasureOrdered(part) => write_order(&mut out, part),
            Self::ErasureApproved(part) => {
                out.bytes(part.order.as_bytes()).bytes(part.approved_by.as_bytes())
            }
            Self::ErasureFenced(part) => write_fence(&mut out, part),
            Self::KeysDestroyed(part) => write_receipt(&mut out, part),
            Self::ErasureCompleted(part) => out.bytes(part.order.as_bytes()),
            Self::PartsPurged(part) => write_purge(&mut out, part),
            Self::RestoreDeclared(part) => write_restore(&mut out, part),
        };
        out.finish()
    }

    /// Reads part 0 of a record, if its event is one of these.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format; a public event whose part 0 is
    /// sealed, or whose version is unknown, is one too.
    pub fn of(record: &Record) -> Result<Option<Self>, DecodeError> {
        Self::of_text(&record.header.kind, record.public_text())
    }

    /// The same of a record's kind and the body of its public part 0, if it has one.
    ///
    /// # Errors
    /// As [`PublicPart::of`].
    pub fn of_text(kind: &EventKind, text: Option<&[u8]>) -> Result<Option<Self>, DecodeError> {
        match text {
            Some(bytes) => Self::decode(kind, bytes),
            None if Self::is_public_name(kind.name()) => Err(DecodeError::Value("part kind")),
            None => Ok(None),
        }
    }

    /// Reads a public part; `None` if the event is not one of these.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field that breaks the format.
    pub fn decode(kind: &EventKind, bytes: &[u8]) -> Result<Option<Self>, DecodeError> {
        if !Self::is_public_name(kind.name()) {
            return Ok(None);
        }
        if kind.version() != 1 {
            return Err(DecodeError::Value("event version"));
        }
        let mut reader = Reader::new(bytes);
        let part = read(&mut reader, kind.name())?;
        reader.end()?;
        part.check()?;
        Ok(Some(part))
    }

    /// Whether events of this name have a public part 0.
    #[must_use]
    pub fn is_public_name(name: &str) -> bool {
        matches!(
            name,
            "installation.started"
                | "tenant.registered"
                | "tenant.witnessed"
                | "tenant.closing"
                | "tenant.started"
                | "erasure.ordered"
                | "erasure.approved"
                | "erasure.fenced"
                | "erasure.keys-destroyed"
                | "erasure.completed"
                | "erasure.parts-purged"
                | "restore.declared"
        )
    }
}

fn read(reader: &mut Reader<'_>, name: &str) -> Result<PublicPart, DecodeError> {
    Ok(match name {
        "installation.started" => PublicPart::InstallationStarted(InstallationStarted {
            vkey: reader.text(VKEY_BYTES_MAX, "vkey")?.to_owned(),
        }),
        "tenant.registered" => PublicPart::TenantRegistered(TenantRegistered {
            tenant: journal(reader)?,
            name: reader.text(ORGANISATION_BYTES_MAX, "name")?.to_owned(),
        }),
        "tenant.witnessed" => PublicPart::TenantWitnessed(TenantWitnessed {
            tenant: journal(reader)?,
            checkpoint: Hash(reader.array("checkpoint")?),
        }),
        "tenant.closing" => PublicPart::TenantClosing(TenantClosing {
            tenant: journal(reader)?,
            seq: Seq(reader.u64("sequence")?),
            record: Hash(reader.array("record")?),
            destroyed: flag(reader, "destroyed")?,
        }),
        "tenant.started" => PublicPart::TenantStarted(TenantStarted {
            operator: journal(reader)?,
            name: reader.text(ORGANISATION_BYTES_MAX, "name")?.to_owned(),
        }),
        "erasure.ordered" => PublicPart::ErasureOrdered(read_order(reader)?),
        "erasure.approved" => PublicPart::ErasureApproved(ErasureApproved {
            order: order(reader)?,
            approved_by: actor(reader)?,
        }),
        "erasure.fenced" => PublicPart::ErasureFenced(read_fence(reader)?),
        "erasure.keys-destroyed" => PublicPart::KeysDestroyed(read_receipt(reader)?),
        "erasure.completed" => {
            PublicPart::ErasureCompleted(ErasureCompleted { order: order(reader)? })
        }
        "erasure.parts-purged" => PublicPart::PartsPurged(read_purge(reader)?),
        "restore.declared" => PublicPart::RestoreDeclared(read_restore(reader)?),
        _ => return Err(DecodeError::Value("event name")),
    })
}

fn journal(reader: &mut Reader<'_>) -> Result<JournalId, DecodeError> {
    reader.array("journal").map(JournalId::from_bytes)
}

fn order(reader: &mut Reader<'_>) -> Result<OrderId, DecodeError> {
    reader.array("order").map(OrderId::from_bytes)
}

fn actor(reader: &mut Reader<'_>) -> Result<ActorId, DecodeError> {
    reader.array("actor").map(ActorId::from_bytes)
}

fn flag(reader: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
    match reader.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::Value(field)),
    }
}

fn write_order<'a>(out: &'a mut Writer, part: &ErasureOrdered) -> &'a mut Writer {
    out.bytes(part.order.as_bytes()).text(&part.ground).bytes(part.ordered_by.as_bytes());
    out.u8(u8::from(part.four_eyes));
    out.u32(u32::try_from(part.targets.len()).unwrap_or(u32::MAX));
    for target in &part.targets {
        match target {
            Cut::Subject(id) => out.u8(0).bytes(id.as_bytes()),
            Cut::Leaf(id) => out.u8(1).bytes(id.as_bytes()),
            Cut::Scope(id) => out.u8(2).bytes(id.as_bytes()),
            Cut::Tenant => out.u8(3).bytes(&[0; 16]),
        };
    }
    out
}

fn read_order(reader: &mut Reader<'_>) -> Result<ErasureOrdered, DecodeError> {
    Ok(ErasureOrdered {
        order: order(reader)?,
        ground: reader.text(GROUND_BYTES_MAX, "ground")?.to_owned(),
        ordered_by: actor(reader)?,
        four_eyes: flag(reader, "four eyes")?,
        targets: read_targets(reader)?,
    })
}

fn read_targets(reader: &mut Reader<'_>) -> Result<Vec<Cut>, DecodeError> {
    let count = usize::try_from(reader.u32("targets")?).unwrap_or(usize::MAX);
    if count > TARGETS_MAX {
        return Err(DecodeError::Limit("targets"));
    }
    (0..count).map(|_| read_target(reader)).collect()
}

fn read_target(reader: &mut Reader<'_>) -> Result<Cut, DecodeError> {
    let kind = reader.u8("target kind")?;
    let id: [u8; 16] = reader.array("target")?;
    match kind {
        0 => Ok(Cut::Subject(SubjectId::from_bytes(id))),
        1 => Ok(Cut::Leaf(LeafId::from_bytes(id))),
        2 => Ok(Cut::Scope(ScopeId::from_bytes(id))),
        3 if id == [0; 16] => Ok(Cut::Tenant),
        _ => Err(DecodeError::Value("target kind")),
    }
}

fn write_fence<'a>(out: &'a mut Writer, part: &ErasureFenced) -> &'a mut Writer {
    out.bytes(part.order.as_bytes()).u64(part.epoch_before).u8(u8::from(part.tenant));
    out.ids(part.leaves.iter().map(LeafId::as_bytes));
    out.ids(part.scopes.iter().map(ScopeId::as_bytes))
}

fn read_fence(reader: &mut Reader<'_>) -> Result<ErasureFenced, DecodeError> {
    Ok(ErasureFenced {
        order: order(reader)?,
        epoch_before: reader.u64("epoch before")?,
        tenant: flag(reader, "tenant")?,
        leaves: leaves(reader)?,
        scopes: scopes(reader)?,
    })
}

fn write_receipt<'a>(out: &'a mut Writer, part: &KeysDestroyed) -> &'a mut Writer {
    out.bytes(part.order.as_bytes()).text(&part.ground).bytes(part.approved_by.as_bytes());
    out.u64(part.epoch_before).u64(part.epoch_after);
    out.u8(part.level).u16(part.backup_days).u8(u8::from(part.tenant));
    out.ids(part.leaves.iter().map(LeafId::as_bytes));
    out.ids(part.scopes.iter().map(ScopeId::as_bytes))
}

fn read_receipt(reader: &mut Reader<'_>) -> Result<KeysDestroyed, DecodeError> {
    Ok(KeysDestroyed {
        order: order(reader)?,
        ground: reader.text(GROUND_BYTES_MAX, "ground")?.to_owned(),
        approved_by: actor(reader)?,
        epoch_before: reader.u64("epoch before")?,
        epoch_after: reader.u64("epoch after")?,
        level: reader.u8("level")?,
        backup_days: reader.u16("backup days")?,
        tenant: flag(reader, "tenant")?,
        leaves: leaves(reader)?,
        scopes: scopes(reader)?,
    })
}

fn write_purge<'a>(out: &'a mut Writer, part: &PartsPurged) -> &'a mut Writer {
    out.bytes(part.order.as_bytes());
    out.u32(u32::try_from(part.parts.len()).unwrap_or(u32::MAX));
    for (seq, index) in &part.parts {
        out.u64(seq.0).u8(*index);
    }
    out
}

fn read_purge(reader: &mut Reader<'_>) -> Result<PartsPurged, DecodeError> {
    let order = order(reader)?;
    let count = usize::try_from(reader.u32("parts")?).unwrap_or(usize::MAX);
    if count > reader.remaining() / 9 {
        return Err(DecodeError::Short("parts"));
    }
    let mut read_one = || Ok((Seq(reader.u64("sequence")?), reader.u8("part index")?));
    let parts = (0..count).map(|_| read_one()).collect::<Result<_, DecodeError>>()?;
    Ok(PartsPurged { order, parts })
}

fn write_restore<'a>(out: &'a mut Writer, part: &RestoreDeclared) -> &'a mut Writer {
    out.u32(part.guarded_era).u64(part.guarded_size).bytes(&part.guarded_root.0);
    out.u64(part.guarded_epoch).u64(part.restored_size);
    out.text(&part.ground).bytes(part.approved_by.as_bytes());
    out.ids(part.lost_leaves.iter().map(LeafId::as_bytes));
    out.ids(part.lost_scopes.iter().map(ScopeId::as_bytes))
}

fn read_restore(reader: &mut Reader<'_>) -> Result<RestoreDeclared, DecodeError> {
    Ok(RestoreDeclared {
        guarded_era: reader.u32("guarded era")?,
        guarded_size: reader.u64("guarded size")?,
        guarded_root: Hash(reader.array("guarded root")?),
        guarded_epoch: reader.u64("guarded epoch")?,
        restored_size: reader.u64("restored size")?,
        ground: reader.text(GROUND_BYTES_MAX, "ground")?.to_owned(),
        approved_by: actor(reader)?,
        lost_leaves: leaves(reader)?,
        lost_scopes: scopes(reader)?,
    })
}

fn leaves(reader: &mut Reader<'_>) -> Result<Vec<LeafId>, DecodeError> {
    reader.ids("leaves").map(|ids| ids.into_iter().map(LeafId::from_bytes).collect())
}

fn scopes(reader: &mut Reader<'_>) -> Result<Vec<ScopeId>, DecodeError> {
    reader.ids("scopes").map(|ids| ids.into_iter().map(ScopeId::from_bytes).collect())
}

fn check_order(part: &ErasureOrdered) -> Result<(), DecodeError> {
    if part.targets.len() > TARGETS_MAX {
        return Err(DecodeError::Limit("targets"));
    }
    check_text(&part.ground, GROUND_BYTES_MAX, "ground")
}

fn check_receipt(part: &KeysDestroyed) -> Result<(), DecodeError> {
    if part.level > 1 {
        return Err(DecodeError::Value("level"));
    }
    check_text(&part.ground, GROUND_BYTES_MAX, "ground")?;
    check_lists(part.tenant, &part.leaves, &part.scopes)
}

fn check_restore(part: &RestoreDeclared) -> Result<(), DecodeError> {
    check_text(&part.ground, GROUND_BYTES_MAX, "ground")?;
    check_ascending(&part.lost_leaves, "leaves")?;
    check_ascending(&part.lost_scopes, "scopes")
}

fn check_lists(tenant: bool, leaves: &[LeafId], scopes: &[ScopeId]) -> Result<(), DecodeError> {
    let listed = !leaves.is_empty() || !scopes.is_empty();
    if tenant && listed {
        return Err(DecodeError::Value("tenant"));
    }
    check_ascending(leaves, "leaves")?;
    check_ascending(scopes, "scopes")
}

fn check_ascending<T: PartialOrd>(list: &[T], field: &'static str) -> Result<(), DecodeError> {
    if list.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(DecodeError::Value(field)) }
}

/// Whether a character shows where it stands: no control character, and none that only formats,
/// turns the direction of its line, or begins a new one.
///
/// SOURCE: docs/format/public-parts.md §1, which lists them: the categories Cc, Cf, Zl and Zp of
/// Unicode 16. The list is fixed, so that a text is not refused by one reader and taken by another.
#[must_use]
pub const fn is_plain(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}'
        | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
        | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

/// These texts are printed by verifiers, where a line end would let a name forge a line, and where
/// a turn of direction would let it show other letters than it has.
fn check_text(text: &str, bytes_max: u16, field: &'static str) -> Result<(), DecodeError> {
    if text.len() > usize::from(bytes_max) {
        return Err(DecodeError::Limit(field));
    }
    let bad = text.is_empty() || !text.chars().all(is_plain);
    if bad { Err(DecodeError::Value(field)) } else { Ok(()) }
}
