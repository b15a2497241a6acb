//! What a school needs before anything is processed: an agreement, an accepted annex, and the
//! consent of its council.

use events::About;
use events::agreement::examples::parties;
use events::agreement::{
    AgreementId, AgreementModel, AgreementSigned, Contact, ContactAuthorised, ContactId, Side,
    Terms,
};
use events::annex::{
    AnnexId, AnnexVersionAccepted, AnnexVersionPublished, Contents, Council, Module,
    ParticipationConsentRecorded,
};
use record::ActorId;

use super::school::{Member, School};

const AGREEMENT: AgreementId = AgreementId::from_bytes([0xA9; 16]);
const ANNEX: AnnexId = AnnexId::from_bytes([0xAA; 16]);

impl School {
    /// An agreement that holds from now on, and a contact person who may instruct.
    pub(super) fn agrees(&self, contact: Member) -> ActorId {
        let tenant = self.tenant();
        let account = contact.account;
        let (by, now, scope) = self.server.with_engine(move |engine| {
            let by = engine.name_actor(tenant, account).unwrap();
            (by, engine.now(), engine.permanent_scope(tenant).unwrap())
        });
        let signed = AgreementSigned {
            agreement: AGREEMENT,
            parties: Box::new(parties()),
            model: AgreementModel::Covenant4General,
            terms: Terms { starts: now, ends: None, objection: "P6W".into(), breach_hours: 24 },
            by,
        };
        self.happens(signed.into());
        let person = Contact {
            name: "Noor de Wit".into(),
            function: "bestuurssecretaris".into(),
            email: "noor@horizon.example".into(),
            phone: None,
        };
        let authorised = ContactAuthorised {
            contact: ContactId::from_bytes([0xAB; 16]),
            agreement: AGREEMENT,
            side: Side::Controller,
            may_instruct: true,
            by,
            person: About::new(contact.person, scope, person),
        };
        self.happens(authorised.into());
        by
    }

    /// A version of the annex is published and accepted.
    pub(super) fn accepts(&self, by: ActorId, version: u32, contents: Contents) {
        let published = AnnexVersionPublished {
            annex: ANNEX,
            agreement: AGREEMENT,
            version,
            date: "2026-10-01".into(),
            contents: Box::new(contents),
            by,
        };
        self.happens(published.into());
        self.happens(AnnexVersionAccepted { annex: ANNEX, version, by }.into());
    }

    /// The participation council consents to what follows staff.
    pub(super) fn consents(&self, by: ActorId, module: Module) {
        let consented = ParticipationConsentRecorded {
            module,
            council: Council::Participation,
            date: "2026-09-01".into(),
            reference: "MR 2026-07".into(),
            by,
        };
        self.happens(consented.into());
    }
}
