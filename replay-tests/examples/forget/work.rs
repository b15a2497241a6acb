//! The product at work: it loads an installation, erases by a plan, exports.

use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use engine::{
    Clock, Engine, ErasureRequest, Escrow, ImportPlan, Paths, Question, QuestionKind, Request,
    RoundId, SurveyId,
};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, CommandId, JournalId, LeafId, ScopeId, SubjectId, TimestampMicros};
use rules::{Command, Refusal};

use crate::holder::RECIPIENTS;
use crate::marks;

const ORDERS: ActorId = ActorId::from_bytes([1; 16]);
const APPROVES: ActorId = ActorId::from_bytes([2; 16]);
/// Commands that share one commit.
const BATCH: usize = 512;

/// An opened installation with its one tenant.
pub(crate) struct Work<'a> {
    pub(crate) engine: &'a mut Engine,
    pub(crate) tenant: JournalId,
}

/// `work DIR load SEED PEOPLE ROUNDS MASS`, `work DIR plan SEED FILE`, `work DIR export OUT`.
pub(crate) fn run(words: &[&str]) {
    let number = |word: &str| word.parse::<u64>().expect("a number");
    match words {
        [directory, "load", seed, people, rounds, mass] => {
            let load = Load {
                seed: number(seed),
                people: number(people),
                rounds: number(rounds),
                mass: number(mass),
            };
            load.run(Path::new(directory));
        }
        [directory, "plan", seed, file] => {
            let plan = std::fs::read_to_string(file).unwrap();
            let mut engine = open(Path::new(directory));
            let mut work = Work::of(&mut engine);
            plan.lines().for_each(|line| work.carry_out(number(seed), line));
            work.engine.publish_with_digests().unwrap();
        }
        [directory, "export", out] => {
            let mut engine = open(Path::new(directory));
            Work::of(&mut engine).export(Path::new(out), Path::new(directory));
        }
        other => panic!("{other:?}?"),
    }
}

struct Load {
    seed: u64,
    people: u64,
    rounds: u64,
    mass: u64,
}

impl Load {
    /// Half of the people come with imports, half one by one, with one to three responses each.
    fn run(&self, directory: &Path) {
        std::fs::create_dir_all(directory).unwrap();
        let mut engine = Engine::create(paths(directory), clock()).unwrap();
        engine.start_tenant("forgetful").unwrap();
        let mut work = Work::of(&mut engine);
        let survey = work.define_survey();
        let imports = self.rounds / 2;
        let share = self.people / 2 / imports;
        for round in 0..imports {
            work.import(self.seed, survey, round * share..(round + 1) * share);
        }
        let open: Vec<RoundId> = (imports..self.rounds).map(|_| work.open_round(survey)).collect();
        if self.mass > 0 {
            let first = 1 << 32;
            work.import(self.seed, survey, first..first + self.mass);
        }
        let numbers: Vec<u64> = (imports * share..self.people).collect();
        for some in numbers.chunks(BATCH / 8) {
            work.add_people(self.seed, some, &open);
        }
        work.engine.publish_with_digests().unwrap();
    }
}

impl<'a> Work<'a> {
    pub(crate) fn of(engine: &'a mut Engine) -> Self {
        let tenant = JournalId::from_hex(&engine.tenants()[0].tenant).unwrap();
        Self { engine, tenant }
    }

    /// Exports a bundle, and backs everything up into the installation.
    pub(crate) fn export(&mut self, out: &Path, directory: &Path) {
        self.engine.backup(&directory.join("backup"), true, &mut |_| {}).unwrap();
        self.engine.export_bundle(self.tenant, out, &mut |_, _| {}).unwrap();
    }

    /// One line of a plan.
    fn carry_out(&mut self, seed: u64, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let started = Instant::now();
        let kind = match words.as_slice() {
            ["single", person] => {
                self.erase(vec![Cut::Subject(subject(person))]);
                "single"
            }
            ["group", people @ ..] => {
                self.erase(people.iter().map(|person| Cut::Subject(subject(person))).collect());
                "group"
            }
            ["leaf", leaf] => {
                self.erase(vec![Cut::Leaf(LeafId::from_hex(leaf).unwrap())]);
                "leaf"
            }
            ["scope", scope] => {
                self.erase(vec![Cut::Scope(ScopeId::from_hex(scope).unwrap())]);
                "scope"
            }
            ["renew", person, number] => {
                let number = number.parse().unwrap();
                let command = self.registration(seed, number, subject(person));
                self.execute(vec![command]);
                return;
            }
            ["add", number] => {
                let rounds = self.open_rounds();
                self.add_people(seed, &[number.parse().unwrap()], &rounds);
                return;
            }
            other => panic!("{other:?}?"),
        };
        println!("{kind} {}", started.elapsed().as_micros());
    }

    pub(crate) fn erase(&mut self, targets: Vec<Cut>) {
        let ground = "art-17".to_owned();
        let request = ErasureRequest { targets, ground, ordered_by: ORDERS, four_eyes: true };
        let order = self.engine.order_erasure(self.tenant, request).unwrap();
        let approval = ErasureApproved { order, approved_by: APPROVES };
        self.engine.approve_erasure(self.tenant, approval).unwrap();
    }

    /// Registers people, with responses and links to some of these rounds.
    pub(crate) fn add_people(&mut self, seed: u64, numbers: &[u64], rounds: &[RoundId]) {
        let mut commands = Vec::new();
        let mut links = Vec::new();
        for number in numbers {
            let person = self.engine.fresh_subject().unwrap();
            commands.push(self.registration(seed, *number, person));
            let count = usize::try_from(number % 3 + 1).unwrap().min(rounds.len());
            for turn in 0..count {
                let at = (usize::try_from(*number).unwrap() + turn) % rounds.len();
                let round = rounds[at];
                let pseudonym = self.engine.fresh_subject().unwrap();
                commands.push(Command::SubmitResponse {
                    round,
                    pseudonym,
                    group: marks::group(*number),
                    answers: marks::answers(seed, *number),
                    import: None,
                });
                links.push(Command::LinkRespondent { round, person, pseudonym, import: None });
            }
        }
        self.execute(commands);
        self.execute(links);
    }

    /// Open rounds whose two scopes have not ended.
    pub(crate) fn open_rounds(&self) -> Vec<RoundId> {
        let state = self.engine.tenant(self.tenant).unwrap().state();
        let nobody = SubjectId::from_bytes([0; 16]);
        let takes = |round: &RoundId| {
            let (round, group, answers) = (*round, marks::group(0), marks::answers(0, 0));
            let submit =
                Command::SubmitResponse { round, pseudonym: nobody, group, answers, import: None };
            let link =
                Command::LinkRespondent { round, person: nobody, pseudonym: nobody, import: None };
            let now = TimestampMicros(0);
            rules::decide(state, &submit, now).is_ok()
                && rules::decide(state, &link, now) == Err(Refusal::SubjectUnknown)
        };
        state.open_rounds().into_iter().filter(takes).collect()
    }

    fn registration(&self, seed: u64, number: u64, person: SubjectId) -> Command {
        let scope = self.engine.permanent_scope(self.tenant).unwrap();
        let identity = marks::identity(seed, number);
        Command::RegisterPerson { person, scope, identity, import: None }
    }

    fn define_survey(&mut self) -> SurveyId {
        let survey = SurveyId::from_bytes(self.random());
        let question = |text: &str, kind| Question { text: text.to_owned(), kind };
        let questions = vec![
            question("How was it?", QuestionKind::Agree5),
            question("Why?", QuestionKind::Open),
        ];
        let title = "Forgetting".to_owned();
        self.execute(vec![Command::DefineSurvey { survey, title, questions }]);
        survey
    }

    fn open_round(&mut self, survey: SurveyId) -> RoundId {
        let round = RoundId::from_bytes(self.random());
        let name = format!("round {round}");
        let answers_scope = ScopeId::from_bytes(self.random());
        let identity_scope = ScopeId::from_bytes(self.random());
        let open = Command::OpenRound {
            round,
            survey,
            name,
            floor: 5,
            answers_scope,
            identity_scope,
            audience: None,
        };
        self.execute(vec![open]);
        round
    }

    /// Imports people with names into a round of their own, which is then closed and published.
    fn import(&mut self, seed: u64, survey: SurveyId, numbers: std::ops::Range<u64>) {
        let round = self.open_round(survey);
        let rows: Vec<_> = numbers.map(|number| marks::row(seed, number)).collect();
        let name = round.to_string();
        let plan = ImportPlan { name: &name, round, rows: &rows };
        self.engine.import(self.tenant, &plan, &mut |_, _| {}).unwrap();
        self.engine.close_round(self.tenant, round).unwrap();
    }

    pub(crate) fn execute(&mut self, commands: Vec<Command>) {
        let mut requests = Vec::new();
        for command in commands {
            requests.push(Request { id: CommandId::from_bytes(self.random()), command });
        }
        for answer in self.engine.execute(self.tenant, &requests).unwrap() {
            answer.unwrap();
        }
        self.engine.publish_if_due().unwrap();
    }

    fn random(&self) -> [u8; 16] {
        *self.engine.fresh_subject().unwrap().as_bytes()
    }
}

fn subject(hex: &str) -> SubjectId {
    SubjectId::from_hex(hex).expect("an id")
}

/// Opens the installation.
pub(crate) fn open(directory: &Path) -> Engine {
    Engine::open(paths(directory), clock()).unwrap()
}

/// With an escrow, whose recipients stand beside the installation.
fn paths(directory: &Path) -> Paths {
    let recipients = std::fs::read_to_string(directory.parent().unwrap().join(RECIPIENTS)).unwrap();
    let recipients: Vec<String> = recipients.lines().map(str::to_owned).collect();
    let escrow = Escrow::new(directory.join("escrow"), &recipients, 7).unwrap();
    Paths::under(directory).with_escrow(Some(escrow))
}

fn clock() -> Clock {
    Clock::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        TimestampMicros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    })
}
