//! The past of one thing, record by record, folded by the code that folds live work.
//!
//! *Invariant:* a record belongs to a thing when it names its id: in its facts, in a part that still
//! opens, or as whose part it is. Ids are sixteen random bytes, so none is named by chance; and what
//! was erased names nobody any more.

use events::{Content, Event, OpenPart, Place};
use projections::Views;
use record::{EventKind, JournalId, PartKind, Record, ScopeId, Seq, SubjectId};

use crate::engine::Engine;
use crate::execute::{EngineError, Fault};
use crate::inspect::{PartState, part_state};
use crate::model::{Model, decode_event, open_parts};
use crate::tenant::Tenant;

/// One record of the past, with everything that was folded before it or up to it.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Where, when and by which command.
    pub place: Place,
    /// Its name and the version that was written.
    pub kind: &'a EventKind,
    /// What happened, as far as it still opens.
    pub event: &'a Event,
    /// Its parts.
    pub parts: &'a [StoryPart],
    /// Whether it names the thing.
    pub named: bool,
    /// What could be asked then.
    pub views: &'a Views,
    /// What the rules knew then.
    pub state: &'a rules::State,
}

/// One part of a record.
#[derive(Clone, Copy, Debug)]
pub struct StoryPart {
    /// What can be done with it.
    pub state: PartState,
    /// Whose it is, as far as it opens.
    pub subject: Option<SubjectId>,
    /// Where the receipt stands that destroyed its keys.
    pub receipt: Option<Seq>,
}

/// Before a record is folded, and after.
#[derive(Debug)]
pub enum Told<'a> {
    /// Only for records that name the thing.
    Before(Moment<'a>),
    /// Every record.
    After(Moment<'a>),
}

impl Engine {
    /// Folds a tenant's journal from its beginning, up to and with `to`, and tells of each record.
    ///
    /// # Errors
    /// [`EngineError`] when the tenant is unknown or has ended, or the journal cannot be read.
    pub fn story(
        &self,
        id: JournalId,
        of: &[u8; 16],
        to: Option<Seq>,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), EngineError> {
        let tenant = self.tenant(id)?;
        tenant.running()?;
        let size = self.store.size(id);
        let end = to.map_or(size, |to| to.next().0.min(size));
        let mut model = Model::default();
        for record in self.store.scan(id, Seq(0), Seq(end)) {
            let record = record.map_err(Fault::from)?;
            let opened = open_parts(tenant.vault.as_ref(), &record)?;
            let named = opened.iter().any(|part| names(part, of));
            let parts = story_parts(tenant, &record, &opened);
            let event = decode_event(&record, opened)?;
            let place = Place::of(&record.header);
            let kind = &record.header.kind;
            let (event, parts) = (&event, parts.as_slice());
            if named {
                let (views, state) = (&model.views, &model.state);
                tell(Told::Before(Moment { place, kind, event, parts, named, views, state }));
            }
            model.apply_record(&record, event)?;
            let (views, state) = (&model.views, &model.state);
            tell(Told::After(Moment { place, kind, event, parts, named, views, state }));
        }
        Ok(())
    }
}

/// Whether a part names an id.
fn names(part: &OpenPart, of: &[u8; 16]) -> bool {
    match &part.content {
        Content::Open { subject, bytes } => {
            subject.is_some_and(|subject| subject.as_bytes() == of)
                || bytes.as_slice().windows(of.len()).any(|window| window == of)
        }
        Content::Gone => false,
    }
}

fn story_parts(tenant: &Tenant, record: &Record, opened: &[OpenPart]) -> Vec<StoryPart> {
    let part = |(index, part): (usize, &OpenPart)| {
        let (state, subject) = match &part.content {
            Content::Open { .. } if part.header.kind == PartKind::Public => {
                (PartState::Public, None)
            }
            Content::Open { subject, .. } => (PartState::Open, *subject),
            Content::Gone => (part_state(tenant, record, index), None),
        };
        let receipt = (state == PartState::Erased).then(|| {
            let scope: ScopeId = part.header.scope;
            tenant.views().erasures().receipt_for(part.header.leaf, scope)
        });
        StoryPart { state, subject, receipt: receipt.flatten() }
    };
    opened.iter().enumerate().map(part).collect()
}
