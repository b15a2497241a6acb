//! Freezes a small installation: `cargo run -p replay-tests --example freeze -- DIR/NAME`
//!
//! Writes `NAME.tar.gz`, the whole installation with its keys, and `NAME.json`, what it shows.
//! Every later version must open the first and show the second (`tests/it/journals.rs`).
//! A frozen journal is never made anew: before a format changes, freeze another one beside it.
//!
//! In it: a tenant with rounds, an import, an erased person, an ended scope, an order that waits
//! and two responses in version 1; a tenant whose round is open; a tenant that has ended.
//! Everyone in it is made up.

mod observed;

use std::cell::Cell;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use engine::{Clock, Engine, ErasureRequest, ImportPlan, ImportRow, Paths, Request};
use events::{
    About, Answer, Event, Identity, Question, QuestionKind, Response, ResponseSubmitted, RoundId,
    SurveyEvent, SurveyId,
};
use journal::{Append, Batch, Store};
use record::public::{Cut, ErasureApproved};
use record::{
    ActorId, CommandId, EventKind, JournalId, OrderId, Plaintext, ScopeId, SubjectId,
    TimestampMicros,
};
use rules::Command;
use vault::Vault;

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// 2026-11-01T00:00:00Z.
const START_MICROS: u64 = 1_793_491_200_000_000;
const ACTOR: ActorId = ActorId::from_bytes([0xA1; 16]);
const APPROVER: ActorId = ActorId::from_bytes([0xA2; 16]);
const FLOOR: u16 = 5;

fn main() -> Done {
    let out = std::env::args().nth(1).map(PathBuf::from).ok_or("freeze DIR/NAME")?;
    let archive = out.with_extension("tar.gz");
    if archive.exists() {
        return Err("a frozen journal is never made anew: choose another name".into());
    }
    let holder = tempfile::tempdir()?;
    let home = holder.path().join("installation");
    let mut school = School::create(&home)?;
    school.fill()?;
    drop(school);
    // Opened anew, so that what is written down is what was folded from the disk.
    let engine = Engine::open(Paths::under(&home), clock(START_MICROS * 2))?;
    let shown = serde_json::to_string_pretty(&observed::installation(&engine)?)?;
    drop(engine);
    std::fs::write(out.with_extension("json"), format!("{shown}\n"))?;
    pack(holder.path(), &archive)
}

/// A clock that ticks a millisecond each time it is asked.
fn clock(start: u64) -> Clock {
    let now = Cell::new(start);
    Clock::new(move || {
        now.set(now.get() + 1_000);
        TimestampMicros(now.get())
    })
}

fn pack(directory: &Path, archive: &Path) -> Done {
    let mut tar = Process::new("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "-S"]);
    tar.arg("-czf").arg(archive).arg("-C").arg(directory).arg("installation");
    if tar.status()?.success() { Ok(()) } else { Err("tar failed".into()) }
}

/// One round of the made-up school.
#[derive(Clone, Copy)]
struct Round {
    id: RoundId,
    answers_scope: ScopeId,
    identity_scope: ScopeId,
}

struct School {
    home: PathBuf,
    engine: Option<Engine>,
    ids: u64,
}

impl School {
    fn create(home: &Path) -> Done<Self> {
        let engine = Engine::create(Paths::under(home), clock(START_MICROS))?;
        // What the binary keeps beside the engine's own directories.
        let settings = serde_json::json!({ "guard": "guard", "actor": ACTOR.to_string() });
        std::fs::write(home.join("settings.json"), format!("{settings:#}\n"))?;
        std::fs::write(home.join("vkey"), format!("{}\n", engine.vkey()))?;
        Ok(Self { home: home.to_owned(), engine: Some(engine), ids: 0 })
    }

    fn fill(&mut self) -> Done {
        let busy = self.engine()?.start_tenant("busy")?;
        let round = self.first_round(busy)?;
        let people = self.people(busy, round)?;
        self.respond_in_version_1(busy, round)?;
        self.engine()?.close_round(busy, round.id)?;
        self.erase(busy, vec![Cut::Subject(people.get(3).copied().ok_or("a person")?)])?;
        self.import_and_end_the_identities(busy)?;
        self.order(busy, vec![Cut::Subject(people.get(5).copied().ok_or("a person")?)])?;

        let open = self.engine()?.start_tenant("open")?;
        let round = self.first_round(open)?;
        self.respond(open, round, 3)?;

        let ended = self.engine()?.start_tenant("ended")?;
        let round = self.first_round(ended)?;
        self.respond(ended, round, 1)?;
        self.erase(ended, vec![Cut::Tenant])?;
        Ok(self.engine()?.publish_with_digests()?)
    }

    fn engine(&mut self) -> Done<&mut Engine> {
        self.engine.as_mut().ok_or_else(|| "the engine is closed".into())
    }

    /// Sixteen bytes; a frozen journal needs no secret ids.
    fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        let mut id = [0xF0; 16];
        id[8..].copy_from_slice(&self.ids.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        id
    }

    fn run(&mut self, tenant: JournalId, command: Command) -> Done {
        let id = CommandId::from_bytes(self.id());
        self.engine()?.execute_one(tenant, Request { id, command })?;
        Ok(())
    }

    /// Many commands in one commit.
    fn run_all(&mut self, tenant: JournalId, commands: Vec<Command>) -> Done {
        let request = |command| Request { id: CommandId::from_bytes(self.id()), command };
        let requests: Vec<_> = commands.into_iter().map(request).collect();
        for done in self.engine()?.execute(tenant, &requests)? {
            done?;
        }
        Ok(())
    }

    fn first_round(&mut self, tenant: JournalId) -> Done<Round> {
        let survey = SurveyId::from_bytes(self.id());
        let title = "Lessen".to_owned();
        self.run(tenant, Command::DefineSurvey { survey, title, questions: questions() })?;
        self.open(tenant, survey, "Voorjaar")
    }

    fn open(&mut self, tenant: JournalId, survey: SurveyId, name: &str) -> Done<Round> {
        let round = Round {
            id: RoundId::from_bytes(self.id()),
            answers_scope: ScopeId::from_bytes(self.id()),
            identity_scope: ScopeId::from_bytes(self.id()),
        };
        let command = Command::OpenRound {
            round: round.id,
            survey,
            name: name.to_owned(),
            floor: FLOOR,
            answers_scope: round.answers_scope,
            identity_scope: round.identity_scope,
            audience: None,
        };
        self.run(tenant, command)?;
        Ok(round)
    }

    /// Twenty-eight people register, answer and are linked.
    fn people(&mut self, tenant: JournalId, round: Round) -> Done<Vec<SubjectId>> {
        let scope = self.engine()?.permanent_scope(tenant)?;
        let (mut people, mut register, mut link) = (Vec::new(), Vec::new(), Vec::new());
        for place in 0..28 {
            let person = SubjectId::from_bytes(self.id());
            let email = (place == 0).then(|| "verzonnen@example.org".to_owned());
            let identity = Identity { name: format!("Verzonnen {place}"), email };
            register.push(Command::RegisterPerson { person, scope, identity, import: None });
            people.push(person);
        }
        self.run_all(tenant, register)?;
        let pseudonyms = self.respond(tenant, round, 28)?;
        for (person, pseudonym) in people.iter().copied().zip(pseudonyms) {
            let round = round.id;
            link.push(Command::LinkRespondent { round, person, pseudonym, import: None });
        }
        self.run_all(tenant, link)?;
        Ok(people)
    }

    fn respond(&mut self, tenant: JournalId, round: Round, people: u8) -> Done<Vec<SubjectId>> {
        let pseudonyms: Vec<_> = (0..people).map(|_| SubjectId::from_bytes(self.id())).collect();
        let submit = |(place, pseudonym): (u8, &SubjectId)| Command::SubmitResponse {
            round: round.id,
            pseudonym: *pseudonym,
            group: group(place),
            answers: answers(place),
            import: None,
        };
        self.run_all(tenant, (0..people).zip(&pseudonyms).map(submit).collect())?;
        Ok(pseudonyms)
    }

    /// Two more responses, in the version from before imports: its facts are the round alone
    /// (`events/golden/survey.response-submitted.v1.hex`). The engine writes only the newest
    /// version, so the records are sealed and appended behind its back.
    fn respond_in_version_1(&mut self, tenant: JournalId, round: Round) -> Done {
        self.engine()?.publish_with_digests()?;
        self.engine = None;
        let mut store = Store::open(&self.home.join("db"), false)?;
        let slots = self.home.join("keys").join(format!("{tenant}.slots"));
        let mut vault = Vault::open(&slots, &mut |key| store.page(tenant, key).ok().flatten())?;
        let head = store.head(tenant).ok_or("the tenant's journal")?;
        let mut sealed = Vec::new();
        for place in [28, 29] {
            let pseudonym = SubjectId::from_bytes(self.id());
            let response = Response { group: group(place), answers: answers(place) };
            let event = Event::Survey(SurveyEvent::ResponseSubmitted(ResponseSubmitted {
                round: round.id,
                import: None,
                response: About::new(pseudonym, round.answers_scope, response),
            }));
            let mut draft = event.draft(CommandId::from_bytes(self.id()));
            draft.kind = EventKind::new("survey.response-submitted", 1)?;
            let facts = draft.parts.first_mut().ok_or("the facts")?;
            facts.bytes = Plaintext::new(round.id.as_bytes().to_vec());
            sealed.push(vault.seal(head.origin, draft)?);
        }
        let append =
            Append { origin: head.origin, expected: None, recorded_at: head.recorded_at, sealed };
        let pages = vec![(tenant, vault.take_page_writes()?)];
        store.commit(Batch { appends: vec![append], pages, ..Batch::default() })?;
        drop(store);
        let later = clock(START_MICROS + 3_600_000_000);
        self.engine = Some(Engine::open(Paths::under(&self.home), later)?);
        Ok(())
    }

    fn import_and_end_the_identities(&mut self, tenant: JournalId) -> Done {
        let survey = {
            let list = self.engine()?.tenant(tenant)?.views().surveys().list();
            list.surveys.first().ok_or("a survey")?.survey
        };
        let round = self.open(tenant, survey, "Najaar")?;
        let row = |place: u8| ImportRow {
            group: group(place),
            answers: answers(place),
            identity: Some(Identity { name: format!("Rij {place}"), email: None }),
        };
        let rows: Vec<_> = (0..12).map(row).collect();
        let plan = ImportPlan { name: "najaar", round: round.id, rows: &rows };
        self.engine()?.import(tenant, &plan, &mut |_, _| {})?;
        self.engine()?.close_round(tenant, round.id)?;
        self.erase(tenant, vec![Cut::Scope(round.identity_scope)])
    }

    fn order(&mut self, tenant: JournalId, targets: Vec<Cut>) -> Done<OrderId> {
        let request = ErasureRequest {
            targets,
            ground: "art-17".to_owned(),
            ordered_by: ACTOR,
            four_eyes: true,
        };
        Ok(self.engine()?.order_erasure(tenant, request)?)
    }

    fn erase(&mut self, tenant: JournalId, targets: Vec<Cut>) -> Done {
        let order = self.order(tenant, targets)?;
        let approval = ErasureApproved { order, approved_by: APPROVER };
        self.engine()?.approve_erasure(tenant, approval)?;
        Ok(())
    }
}

fn questions() -> Vec<Question> {
    let options = ["rood", "groen", "blauw"].map(str::to_owned).to_vec();
    let kinds = [
        QuestionKind::Agree4,
        QuestionKind::Agree5,
        QuestionKind::Grade10,
        QuestionKind::Choice { options },
        QuestionKind::YesNo,
        QuestionKind::Open,
    ];
    let question = |kind| Question { text: "Hoe was het?".to_owned(), kind };
    kinds.into_iter().map(question).collect()
}

fn group(place: u8) -> String {
    format!("klas {}", place % 2)
}

fn answers(place: u8) -> Vec<Answer> {
    let open = if place.is_multiple_of(5) {
        Answer::NotApplicable
    } else {
        Answer::Text("Fijn".to_owned())
    };
    vec![
        Answer::Score(1 + place / 2 % 4),
        Answer::Score(1 + place / 2 % 5),
        Answer::Score(1 + place % 10),
        Answer::Choice(place / 2 % 3),
        Answer::Choice(place / 2 % 2),
        open,
    ]
}
