//! Drafts become sealed events, and stored parts become plaintext again.
//!
//! Minting needs the tree for itself and goes one draft after the other; what is left then is
//! arithmetic on keys that stand still, and is spread over the cores.
//!
//! *Invariants:* a refused draft mints nothing; one fresh salt for each sealed event; nothing is
//! sealed under a fenced leaf or scope, or for a fenced subject.

use record::{
    Addressee, Category, CommandId, Draft, DraftPart, EventKind, Hash, Header, LeafId, Origin,
    PARTS_MAX, PartHeader, PartKind, PersonLabel, Plaintext, RECORD_BYTES_MAX, ScopeId, Sealed,
    SealedPart, SubjectId, associated_data, body_digest,
};
use thiserror::Error;

use crate::entries::{Entry, Fence, LeafEntry};
use crate::keys::{NoRandomness, random_array};
use crate::part::{self, PartKeys};
use crate::tree::GrowError;
use crate::vault::{Condition, Vault};

/// Bytes of a header without its name and parts.
const HEADER_FIXED_BYTES: usize = 108;
const HEADER_PART_BYTES: usize = 69;
const SEALED_OVERHEAD_BYTES: usize = 48;

/// Why an event was not sealed. Nothing was minted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The subject was cut or is about to be.
    #[error("the subject is fenced: nothing more is recorded about them")]
    SubjectFenced,
    /// The leaf is about to be cut.
    #[error("the leaf is fenced")]
    LeafFenced(LeafId),
    /// The scope was cut or is about to be.
    #[error("the scope is fenced")]
    ScopeFenced(ScopeId),
    /// The tenant is about to end.
    #[error("the tenant is about to end")]
    TenantFenced,
    /// The scope was never minted.
    #[error("the scope is unknown")]
    UnknownScope(ScopeId),
    /// An event has one to 255 parts and at most 255 new scopes.
    #[error("an event has 1 to 255 parts and at most 255 new scopes")]
    Count,
    /// Part 0 tells about a person.
    #[error("the first part is public or holds the facts")]
    FirstPart,
    /// The operator journal has public parts only.
    #[error("without keys only public parts can be recorded")]
    NotPublic,
    /// The record would be over its limit.
    #[error("the record would be over {} bytes", RECORD_BYTES_MAX)]
    TooLarge,
    /// The key tree has no place.
    #[error("the key tree is full")]
    Full,
    /// The system gave no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The slot file failed before; open the vault again.
    #[error("the slot file failed before")]
    Poisoned,
    /// The tenant's keys are destroyed.
    #[error("the tenant's keys are destroyed")]
    Ended,
}

impl From<GrowError> for SealError {
    fn from(error: GrowError) -> Self {
        match error {
            GrowError::Full => Self::Full,
            GrowError::Random(error) => Self::Random(error),
        }
    }
}

/// A draft whose keys are in the tree and whose salt is drawn: its sealing is determined.
#[derive(Debug)]
pub struct Minted {
    origin: Origin,
    kind: EventKind,
    command: CommandId,
    salt: [u8; 16],
    parts: Vec<(PartHeader, Plaintext)>,
}

impl Minted {
    /// What the record's header will say of its parts, except the digests.
    pub fn headers(&self) -> impl Iterator<Item = &PartHeader> {
        self.parts.iter().map(|(header, _)| header)
    }
}

/// What a stored part turned out to be.
#[derive(Debug)]
pub enum Opening {
    /// It opened.
    Open(Opened),
    /// Its leaf or scope key is not in the tree: erased if a receipt says so, else lost.
    NoKey,
    /// The keys are there and the bytes are not what was sealed under them.
    Tampered,
}

/// An opened part.
#[derive(Debug)]
pub struct Opened {
    /// Whose part; `None` for public parts and facts.
    pub subject: Option<SubjectId>,
    /// What kind; `None` for public parts and facts.
    pub category: Option<Category>,
    /// Its encoded fields, without padding.
    pub bytes: Plaintext,
}

/// Gives an event of the operator journal, which has no keys, its stored form.
///
/// # Errors
/// [`SealError::NotPublic`] if a part is not public, [`SealError::Count`],
/// [`SealError::TooLarge`], [`SealError::Random`].
pub fn seal_public(origin: Origin, draft: Draft) -> Result<Sealed, SealError> {
    check_form(&draft)?;
    if !is_public(&draft) || !draft.new_scopes.is_empty() {
        return Err(SealError::NotPublic);
    }
    let part = |part: &DraftPart| {
        let header = public_header(&part.bytes)?;
        Ok(SealedPart::new(header, part.bytes.as_slice().to_vec()))
    };
    let parts = draft.parts.iter().map(part).collect::<Result<_, SealError>>()?;
    Ok(Sealed::assume_sealed(origin, draft.kind, draft.command, random_array()?, parts))
}

impl Vault {
    /// Seals an event for its journal: [`Vault::mint`] and [`Vault::seal_minted`] of one.
    ///
    /// # Errors
    /// As [`Vault::mint`].
    pub fn seal(&mut self, origin: Origin, draft: Draft) -> Result<Sealed, SealError> {
        let minted = self.mint(origin, draft)?;
        self.seal_one(minted)
    }

    /// Mints an event's new scopes and the leaves that are missing, and draws its salt.
    ///
    /// A new scope that the tree holds already is left as it is, so that an event whose record
    /// was refused can be sealed anew.
    ///
    /// # Errors
    /// [`SealError`], one case for each rule; a refused draft mints nothing.
    pub fn mint(&mut self, origin: Origin, draft: Draft) -> Result<Minted, SealError> {
        // What is public needs no key: it is recorded after the end of the tenant, too.
        match is_public(&draft) && draft.new_scopes.is_empty() {
            true => check_form(&draft)?,
            false => self.check(&draft)?,
        }
        self.mint_scopes(&draft.new_scopes)?;
        let salt = self.random.array()?;
        let mut parts = Vec::with_capacity(draft.parts.len());
        for part in draft.parts {
            parts.push((self.mint_part(&part)?, part.bytes));
        }
        Ok(Minted { origin, kind: draft.kind, command: draft.command, salt, parts })
    }

    /// Seals minted events, in their order, on all cores when there are many.
    ///
    /// # Errors
    /// [`SealError::LeafFenced`] or [`SealError::UnknownScope`] if a key was cut in between.
    pub fn seal_minted(&self, minted: Vec<Minted>) -> Result<Vec<Sealed>, SealError> {
        record::spread(minted, |minted| self.seal_one(minted)).into_iter().collect()
    }

    /// Opens part `index` of a record whose header was verified.
    #[must_use]
    pub fn open_part(&self, header: &Header, index: usize, body: &[u8]) -> Opening {
        let (Some(part), Ok(number)) = (header.parts.get(index), u8::try_from(index)) else {
            return Opening::Tampered;
        };
        if u64::try_from(body.len()) != Ok(part.body_bytes()) {
            return Opening::Tampered;
        }
        match part.kind {
            PartKind::Public => open_public(part, body),
            PartKind::Sealed => self.open_sealed(header, number, part, body),
        }
    }

    fn open_sealed(&self, header: &Header, number: u8, part: &PartHeader, body: &[u8]) -> Opening {
        let leaf = self.leaf_key(part.leaf);
        let (Some((label, leaf)), Some(scope)) = (leaf, self.index.scope(&self.tree, part.scope))
        else {
            return Opening::NoKey;
        };
        let data = header.associated_data(number, part);
        let Some(bytes) = part::open(PartKeys { leaf, scope }, &data, body) else {
            return Opening::Tampered;
        };
        let subject = label.map(|label| label.subject);
        Opening::Open(Opened { subject, category: label.map(|label| label.category), bytes })
    }

    // A person's leaf with its label, or the facts leaf.
    fn leaf_key(&self, leaf: LeafId) -> Option<(Option<LeafEntry>, &[u8; 32])> {
        if leaf == self.tree.facts() {
            return self.index.facts(&self.tree).map(|key| (None, key));
        }
        self.index.leaf(&self.tree, leaf).map(|(label, key)| (Some(label), key))
    }

    fn check(&self, draft: &Draft) -> Result<(), SealError> {
        match self.condition {
            Condition::Sound => {}
            Condition::Poisoned => return Err(SealError::Poisoned),
            Condition::Ended => return Err(SealError::Ended),
        }
        if self.fenced.is_whole_tenant() {
            return Err(SealError::TenantFenced);
        }
        check_form(draft)?;
        draft.new_scopes.iter().try_for_each(|scope| self.check_scope_open(*scope))?;
        persons(draft).try_for_each(|label| self.check_person(label, &draft.new_scopes))?;
        let mints = draft.new_scopes.len() + persons(draft).count();
        if self.tree.has_room_for(mints) { Ok(()) } else { Err(SealError::Full) }
    }

    fn check_scope_open(&self, scope: ScopeId) -> Result<(), SealError> {
        match self.is_fenced(Fence::Scope(scope)) {
            true => Err(SealError::ScopeFenced(scope)),
            false => Ok(()),
        }
    }

    fn check_person(&self, label: &PersonLabel, new_scopes: &[ScopeId]) -> Result<(), SealError> {
        if self.is_fenced(Fence::Subject(label.subject)) {
            return Err(SealError::SubjectFenced);
        }
        self.check_scope_open(label.scope)?;
        if !self.index.has_scope(label.scope) && !new_scopes.contains(&label.scope) {
            return Err(SealError::UnknownScope(label.scope));
        }
        match self.existing_leaf(label) {
            Some(leaf) if self.is_fenced(Fence::Leaf(leaf)) => Err(SealError::LeafFenced(leaf)),
            _ => Ok(()),
        }
    }

    fn existing_leaf(&self, label: &PersonLabel) -> Option<LeafId> {
        if label.alone {
            return None;
        }
        self.index.shared(&self.tree, label.subject, label.category, label.scope)
    }

    fn mint_scopes(&mut self, scopes: &[ScopeId]) -> Result<(), SealError> {
        for scope in scopes {
            if !self.index.has_scope(*scope) {
                let key = self.random.key()?;
                self.add(&Entry::Scope { scope: *scope, key: key.as_bytes() })?;
            }
        }
        Ok(())
    }

    fn mint_leaf(&mut self, label: &PersonLabel) -> Result<LeafId, SealError> {
        let leaf = LeafId::from_bytes(self.random.array()?);
        let key = self.random.key()?;
        let PersonLabel { subject, category, scope, alone } = *label;
        let label = LeafEntry { leaf, subject, category, scope };
        self.add(&Entry::Leaf { label, alone, key: key.as_bytes() })?;
        Ok(leaf)
    }

    fn mint_part(&mut self, part: &DraftPart) -> Result<PartHeader, SealError> {
        let (leaf, scope) = match &part.to {
            Addressee::Public => return public_header(&part.bytes),
            Addressee::Facts => (self.tree.facts(), self.tree.permanent()),
            Addressee::Person(label) => match self.existing_leaf(label) {
                Some(leaf) => (leaf, label.scope),
                None => (self.mint_leaf(label)?, label.scope),
            },
        };
        let content = part.bytes.as_slice().len();
        let length = part::padded_length(content).ok_or(SealError::TooLarge)?;
        Ok(PartHeader { kind: PartKind::Sealed, leaf, scope, length, digest: Hash([0; 32]) })
    }

    fn seal_one(&self, minted: Minted) -> Result<Sealed, SealError> {
        let Minted { origin, kind, command, salt, parts } = minted;
        let mut sealed = Vec::with_capacity(parts.len());
        for (index, (header, bytes)) in (0u8..=u8::MAX).zip(parts) {
            let body = match header.kind {
                PartKind::Public => bytes.as_slice().to_vec(),
                PartKind::Sealed => {
                    let data = associated_data(&origin, &kind, &command, &salt, index, &header);
                    self.seal_part(&header, &data, bytes.as_slice())?
                }
            };
            sealed.push(SealedPart::new(header, body));
        }
        Ok(Sealed::assume_sealed(origin, kind, command, salt, sealed))
    }

    fn seal_part(
        &self,
        header: &PartHeader,
        associated_data: &[u8],
        content: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let leaf = self.leaf_key(header.leaf);
        let (_, leaf) = leaf.ok_or(SealError::LeafFenced(header.leaf))?;
        let scope = self.index.scope(&self.tree, header.scope);
        let scope = scope.ok_or(SealError::UnknownScope(header.scope))?;
        let body = part::seal(PartKeys { leaf, scope }, associated_data, content, header.length);
        body.ok_or(SealError::TooLarge)
    }
}

fn persons(draft: &Draft) -> impl Iterator<Item = &PersonLabel> {
    draft.parts.iter().filter_map(|part| match &part.to {
        Addressee::Person(label) => Some(label),
        Addressee::Public | Addressee::Facts => None,
    })
}

fn is_public(draft: &Draft) -> bool {
    draft.parts.iter().all(|part| part.to == Addressee::Public)
}

fn check_form(draft: &Draft) -> Result<(), SealError> {
    let counts = (1..=PARTS_MAX).contains(&draft.parts.len());
    if !counts || draft.new_scopes.len() > PARTS_MAX {
        return Err(SealError::Count);
    }
    if matches!(draft.parts.first().map(|part| &part.to), Some(Addressee::Person(_))) {
        return Err(SealError::FirstPart);
    }
    let header = HEADER_FIXED_BYTES + draft.kind.name().len();
    let record = draft.parts.iter().try_fold(header, |bytes, part| bytes.checked_add(size(part)?));
    match record {
        Some(bytes) if bytes <= RECORD_BYTES_MAX => Ok(()),
        _ => Err(SealError::TooLarge),
    }
}

/// Bytes of a part in the record, its line in the header included.
fn size(part: &DraftPart) -> Option<usize> {
    let content = part.bytes.as_slice().len();
    let body = match part.to {
        Addressee::Public => content,
        Addressee::Facts | Addressee::Person(_) => {
            let padded = usize::try_from(part::padded_length(content)?).ok()?;
            padded.checked_add(SEALED_OVERHEAD_BYTES)?
        }
    };
    body.checked_add(HEADER_PART_BYTES)
}

fn public_header(bytes: &Plaintext) -> Result<PartHeader, SealError> {
    Ok(PartHeader {
        kind: PartKind::Public,
        leaf: LeafId::from_bytes([0; 16]),
        scope: ScopeId::from_bytes([0; 16]),
        length: u32::try_from(bytes.as_slice().len()).map_err(|_| SealError::TooLarge)?,
        digest: Hash([0; 32]),
    })
}

fn open_public(part: &PartHeader, body: &[u8]) -> Opening {
    if body_digest(body) != part.digest {
        return Opening::Tampered;
    }
    let bytes = Plaintext::new(body.to_vec());
    Opening::Open(Opened { subject: None, category: None, bytes })
}
