//! The closed lists of an annex: modules, kinds of people, fields, and their names for programs.
//!
//! *Invariant:* a value is encoded by its place in its list: lists only grow at their end.

use bincode::{Decode, Encode};

/// Declares a closed list whose values have names.
macro_rules! closed {
    ($(#[$meta:meta])* $name:ident { $( $(#[$value_meta:meta])* $value:ident $text:literal ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        pub enum $name {
            $( $(#[$value_meta])* $value ),+
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$( Self::$value ),+];

            /// Its name for programs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$value => $text ),+
                }
            }

            /// Reads a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == text)
            }
        }
    };
}

closed! {
    /// A kind of people whose data are processed.
    SubjectKind {
        /// Works at a school.
        Staff "staff",
        /// Learns at a school.
        Pupil "pupil",
        /// Has parental authority over a pupil, or cares for one.
        Parent "parent",
    }
}

closed! {
    /// A part of the platform that processes data for a purpose of its own.
    Module {
        /// Surveys of satisfaction.
        Surveys "surveys",
        /// The school scan of a national programme.
        Schoolscan "schoolscan",
        /// Lesson observations.
        Observation "observation",
        /// Staff feedback and conversations.
        Development "development",
        /// Contact data from a school's own system.
        Coupling "coupling",
        /// Monitoring under a pseudonym.
        Monitor "monitor",
        /// Exercises and their results.
        Learning "learning",
        /// The pupil's dossier.
        Dossier "dossier",
    }
}

impl Module {
    /// Whether it follows the behaviour or performance of staff, so that the participation council
    /// consents first.
    // SOURCE: WMS art. 12; WOR art. 27(1)(k) and (l).
    #[must_use]
    pub const fn follows_staff(self) -> bool {
        matches!(self, Self::Observation | Self::Development)
    }
}

closed! {
    /// A category of fields, as an annex groups them.
    FieldCategory {
        /// How somebody is addressed and reached.
        Contact "contact",
        /// Numbers that stand for somebody.
        Numbers "numbers",
        /// Birth and origin.
        Origin "origin",
        /// Signing in, and its traces.
        SignIn "sign-in",
        /// What somebody answered.
        Questionnaires "questionnaires",
        /// How somebody works.
        Functioning "functioning",
        /// How somebody learns.
        Progress "progress",
        /// How a school is organised around somebody.
        Organisation "organisation",
        /// Pictures and sound.
        Images "images",
        /// Money.
        Finance "finance",
        /// What must not be processed without a ground of its own (GDPR art. 9).
        Special "special",
    }
}

closed! {
    /// A field that an entrance may bring.
    FieldId {
        /// First name or names.
        GivenName "given-name",
        /// Initials.
        Initials "initials",
        /// What stands between first name and surname.
        Prefix "prefix",
        /// Surname.
        Surname "surname",
        /// Form of address, or gender.
        Gender "gender",
        /// E-mail address at the school.
        SchoolEmail "school-email",
        /// E-mail address of one's own.
        PrivateEmail "private-email",
        /// Telephone number.
        Phone "phone",
        /// Street and number.
        Address "address",
        /// Postal code.
        PostalCode "postal-code",
        /// Town.
        Town "town",
        /// Date of birth.
        BirthDate "birth-date",
        /// Age.
        Age "age",
        /// Place of birth.
        BirthPlace "birth-place",
        /// Nationality.
        Nationality "nationality",
        /// Group or class.
        Group "group",
        /// Number of a pupil at the school.
        PupilNumber "pupil-number",
        /// Number of an employee at the school.
        StaffNumber "staff-number",
        /// Key of a record in the school's own system.
        SourceKey "source-key",
        /// Pseudonym of the education chain.
        EckId "eck-id",
        /// Citizen service number, or the education number that equals it.
        Bsn "bsn",
        /// Picture of one person.
        Photo "photo",
        /// Pictures of activities, with or without sound.
        ActivityImages "activity-images",
        /// Name at sign-in.
        LoginName "login-name",
        /// What a password is checked against.
        Password "password",
        /// Session and functional cookies.
        Session "session",
        /// Moments of sign-in.
        LoginTimes "login-times",
        /// Address on the internet.
        IpAddress "ip-address",
        /// Filled-in questionnaires.
        Answers "answers",
        /// Scores of an observation.
        Observations "observations",
        /// Remarks about somebody.
        Remarks "remarks",
        /// Results and progress in learning.
        Results "results",
        /// Entries of a dossier.
        DossierEntries "dossier-entries",
        /// Money owed and paid.
        Finance "finance",
        /// Health or well-being.
        Health "health",
        /// Religion or belief.
        Religion "religion",
    }
}

impl FieldId {
    /// How an annex groups it.
    #[must_use]
    pub const fn category(self) -> FieldCategory {
        match self {
            Self::GivenName
            | Self::Initials
            | Self::Prefix
            | Self::Surname
            | Self::Gender
            | Self::SchoolEmail
            | Self::PrivateEmail
            | Self::Phone
            | Self::Address
            | Self::PostalCode
            | Self::Town => FieldCategory::Contact,
            Self::BirthDate | Self::Age | Self::BirthPlace | Self::Nationality => {
                FieldCategory::Origin
            }
            Self::Group => FieldCategory::Organisation,
            Self::PupilNumber | Self::StaffNumber | Self::SourceKey | Self::EckId | Self::Bsn => {
                FieldCategory::Numbers
            }
            Self::Photo | Self::ActivityImages => FieldCategory::Images,
            Self::LoginName
            | Self::Password
            | Self::Session
            | Self::LoginTimes
            | Self::IpAddress => FieldCategory::SignIn,
            Self::Answers => FieldCategory::Questionnaires,
            Self::Observations | Self::Remarks => FieldCategory::Functioning,
            Self::Results | Self::DossierEntries => FieldCategory::Progress,
            Self::Finance => FieldCategory::Finance,
            Self::Health | Self::Religion => FieldCategory::Special,
        }
    }

    /// Whether a tick is not enough and a law must be named: special categories (GDPR art. 9, UAVG
    /// art. 22) and the citizen service number (UAVG art. 46).
    #[must_use]
    pub const fn needs_law(self) -> bool {
        matches!(self, Self::Bsn | Self::Health | Self::Religion)
    }
}

closed! {
    /// A sector of education.
    Sector {
        /// Primary.
        Po "po",
        /// Secondary.
        Vo "vo",
        /// Special primary.
        So "so",
        /// Special secondary.
        Vso "vso",
        /// Vocational.
        Mbo "mbo",
    }
}

closed! {
    /// What a processor supplies.
    Supply {
        /// Learning and test material, or what is like it.
        LearningMaterial "learning-material",
        /// An information system of schools and pupils.
        InformationSystem "information-system",
    }
}

closed! {
    /// Whether a service can be had without.
    Necessity {
        /// Part of the product.
        Inseparable "inseparable",
        /// Runs only after the school accepted it.
        Optional "optional",
    }
}

closed! {
    /// What a retention rule waits for.
    RetentionTrigger {
        /// The weekly synchronisation of a coupling.
        WeeklySync "weekly-sync",
        /// A coupling that is switched off.
        CouplingOff "coupling-off",
        /// The school's own wish.
        SchoolAsks "school-asks",
        /// The end of the licence.
        LicenceEnd "licence-end",
        /// A period that ends.
        PeriodEnd "period-end",
    }
}

closed! {
    /// What a retention rule does.
    RetentionAction {
        /// Destroy.
        Erase "erase",
        /// Keep what is traceable to nobody.
        Anonymise "anonymise",
        /// Give back.
        Return "return",
    }
}

closed! {
    /// What makes a transfer outside the EEA lawful (GDPR chapter V).
    Safeguard {
        /// A decision that the protection is adequate (art. 45).
        Adequacy "adequacy",
        /// Standard contractual clauses (art. 46(2)(c)).
        StandardClauses "standard-clauses",
        /// Binding corporate rules (art. 47).
        CorporateRules "corporate-rules",
    }
}

closed! {
    /// What makes a processing lawful (GDPR art. 6(1)).
    LegalBasis {
        /// Consent (a).
        Consent "consent",
        /// A contract (b).
        Contract "contract",
        /// A legal obligation (c).
        LegalObligation "legal-obligation",
        /// Vital interests (d).
        VitalInterests "vital-interests",
        /// A task in the public interest (e).
        PublicTask "public-task",
        /// A legitimate interest (f).
        LegitimateInterest "legitimate-interest",
    }
}

closed! {
    /// A council that consents to what follows staff.
    Council {
        /// The participation council of a school (po and vo).
        Participation "participation",
        /// The joint council of a board (po and vo).
        JointParticipation "joint-participation",
        /// The works council (mbo, and where there is no other).
        Works "works",
    }
}

closed! {
    /// Where data come in.
    Entrance {
        /// A request of a person or a program.
        Route "route",
        /// A coupling with a system of the school.
        Connector "connector",
        /// A file that somebody imports.
        Import "import",
    }
}

closed! {
    /// Why the gate lets nothing through.
    GateRule {
        /// No agreement holds.
        NoAgreement "no-agreement",
        /// No accepted annex covers the module.
        NotInAnnex "not-in-annex",
        /// The module belongs to an optional service that the school did not accept.
        NotAccepted "not-accepted",
        /// The module follows staff, and the participation council did not consent.
        NoConsent "no-consent",
        /// The purpose is none of the annex for this module.
        OtherPurpose "other-purpose",
    }
}
