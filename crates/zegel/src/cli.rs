//! The command line: names, help and examples (clig.dev).

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Sealed, append-only records for school software: who did what with whose data, and proof of it.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 good, 1 failed, 2 usage, 3 incomplete, 4 untrusted, 5 tampered.\n\n\
Start here:\n  zegel demo --no-serve --data /tmp/zegel-demo\n  \
zegel verify /tmp/zegel-demo/bundle --key \"$(cat /tmp/zegel-demo/vkey)\""
)]
pub(crate) struct Arguments {
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole road once on real data, then serve it
    #[command(after_help = "Example:\n  zegel demo --no-serve --data /tmp/zegel-demo")]
    Demo(Demo),
    /// Make a new installation
    #[command(
        after_help = "Example:\n  zegel init --data /var/lib/zegel --guard /mnt/other-machine/guard"
    )]
    Init(Init),
    /// Start or end the agreement with a tenant
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Define a survey, open and close its rounds
    #[command(subcommand)]
    Survey(SurveyCommand),
    /// Fetch contact data of staff from the school's own system
    #[command(subcommand)]
    Sync(SyncCommand),
    /// Register people
    #[command(subcommand)]
    Person(PersonCommand),
    /// Open accounts that nobody in the tenant could open, and give out codes for new passwords
    #[command(subcommand)]
    Account(AccountCommand),
    /// Import many rows, all or nothing
    #[command(subcommand)]
    Import(ImportCommand),
    /// Show tenants, surveys and rounds, subjects, analyses, the journal or the keys
    #[command(subcommand)]
    Show(ShowCommand),
    /// Erase what is kept of a person
    #[command(after_help = "Examples:\n  \
zegel erase --data DIR --tenant T --subject ID --ground art-17 --yes\n  \
zegel erase --data DIR --tenant T --subject ID --ground art-17      (orders; prints how to approve)\n  \
zegel erase --data DIR --tenant T --approve ORDER")]
    Erase(Erase),
    /// End a scope: everything kept for that purpose or term
    #[command(subcommand)]
    Scope(ScopeCommand),
    /// Export evidence for an auditor
    #[command(subcommand)]
    Export(ExportCommand),
    /// Verify a bundle offline: no keys, no database
    #[command(
        after_help = "Example:\n  zegel verify DIR/bundle --key \"$(cat DIR/vkey)\" --previous checkpoint-of-last-year"
    )]
    Verify(Verify),
    /// Hold two bundles or checkpoints of one journal against each other: one history, or a fork?
    #[command(after_help = "Examples:\n  \
zegel compare MY-BUNDLE THEIR-BUNDLE --key VKEY\n  \
zegel compare MY-BUNDLE THEIR-CHECKPOINT --key VKEY\n  \
zegel compare CHECKPOINT CHECKPOINT --proof PROOF --key VKEY\n\n\
Exit codes: 0 one history, 3 undecided, 4 untrusted, 5 a fork.")]
    Compare(Compare),
    /// Rebuild every view from the journal and compare digests
    #[command(after_help = "Example:\n  zegel replay --check --data DIR --tenant T\n\n\
Exit code 3: there was nothing to compare with, such as a digest from before an erasure.")]
    Replay(Replay),
    /// Tell the story of a person, incident, annex, agreement, round, observation, request or coupling
    #[command(after_help = "Examples:\n  \
zegel timeline --data DIR --tenant T incident ID\n  \
zegel timeline --data DIR --tenant T person ID --language nl --from 120 --to 340\n\n\
People stand in it as random references; what was erased is shown as erased, with its ground.")]
    Timeline(Timeline),
    /// Serve the HTTP API
    #[command(after_help = "Example:\n  zegel serve --data DIR\n\n\
Requests carry the token that stands in DIR/token; docs/format/http.md describes them.")]
    Serve(Serve),
    /// Check that store, chain, guard and keys agree, and what should be better
    Doctor(Data),
    /// Copy all that may be copied: new records and all key pages, never a key
    #[command(
        after_help = "Example:\n  zegel backup --data DIR --to /mnt/other-machine/backup\n\n\
Safe to kill at any moment. Without the root keys, which are in the escrow, it opens nothing."
    )]
    Backup(Backup),
    /// Put an installation, or one tenant, back from a backup; the loss is declared
    #[command(after_help = "Example:\n  \
zegel restore --declare --data DIR --guard GUARD --from BACKUP \\\n    \
--escrow ESCROW --identity holder.key --ground disk-lost --approved-by ACTOR\n\n\
Whoever was erased stays erased, whichever backup it is; a new era begins.")]
    Restore(Restore),
    /// Seal the root keys to outside holders, at every change
    #[command(subcommand)]
    Escrow(EscrowCommand),
    /// Measure, each figure beside its limit from the same run
    Bench(Bench),
}

#[derive(Debug, Args, Clone)]
pub(crate) struct Data {
    /// Directory of the installation
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct TenantArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The tenant: its id, or its name when only one has it
    #[arg(long, value_name = "T")]
    pub(crate) tenant: String,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A directory that does not exist yet, or is empty (default: a new one for temporary files)
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Stop after the verification instead of serving
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Where to serve
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8087")]
    pub(crate) listen: SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where the guard is kept; best on another machine (default: DIR/guard)
    #[arg(long, value_name = "DIR")]
    pub(crate) guard: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Start a tenant
    Start {
        #[command(flatten)]
        data: Data,
        /// Name of the organisation
        #[arg(long)]
        name: String,
    },
    /// End a tenant: destroys all its keys
    #[command(after_help = "Two people are needed:\n  \
zegel tenant end --data DIR --tenant T --ground contract-end --by ACTOR\n  \
zegel erase --data DIR --tenant T --approve ORDER --by ANOTHER")]
    End(TenantEnd),
}

#[derive(Debug, Args)]
pub(crate) struct TenantEnd {
    #[command(flatten)]
    pub(crate) of: TenantArgs,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
}

#[derive(Debug, Args, Clone)]
pub(crate) struct OrderArgs {
    /// The ground, for example art-17, consent-withdrawn, retention, contract-end
    #[arg(long, value_name = "GROUND", default_value = "art-17")]
    pub(crate) ground: String,
    /// Approve at once; without it the order waits for `zegel erase --approve`
    #[arg(long)]
    pub(crate) yes: bool,
    /// Another than the one who ordered must approve
    #[arg(long, conflicts_with = "yes")]
    pub(crate) four_eyes: bool,
    /// Who acts, as a random reference (default: the one from `zegel init`)
    #[arg(long, value_name = "ACTOR", value_parser = id)]
    pub(crate) by: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SurveyCommand {
    /// Define a survey from a JSON file
    #[command(after_help = "The file:\n  {\"title\": \"...\", \"questions\": [\n    \
{\"text\": \"...\", \"kind\": \"agree-5\"},\n    \
{\"text\": \"...\", \"kind\": \"choice\", \"options\": [\"a\", \"b\"]}]}\n\
Kinds: agree-4, agree-5, grade-10, choice, yes-no, open")]
    Define {
        #[command(flatten)]
        of: TenantArgs,
        /// The questions, as JSON
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Open a round of a survey
    Open {
        #[command(flatten)]
        of: TenantArgs,
        /// The survey; `zegel show rounds` lists them
        #[arg(long, value_name = "ID", value_parser = id)]
        survey: String,
        /// Name of the round
        #[arg(long)]
        name: String,
        /// Fewest people of whom anything is shown
        #[arg(long, default_value_t = 5)]
        floor: u16,
        #[command(flatten)]
        asked: Asked,
    },
    /// Close a round and publish its analysis
    Close {
        #[command(flatten)]
        of: TenantArgs,
        /// The round: its id, or its name when only one has it
        #[arg(long, value_name = "ROUND")]
        round: String,
        /// Publish once more from what still opens; refused when it would show who left
        #[arg(long)]
        again: bool,
    },
}

/// Whom a round asks, and what for; needed once an agreement was signed.
#[derive(Debug, Args, Clone)]
pub(crate) struct Asked {
    /// Who answers: staff, pupil or parent
    #[arg(long, value_name = "KIND", requires = "purpose")]
    pub(crate) asks: Option<String>,
    /// The code of the purpose in the annex
    #[arg(long, value_name = "CODE", requires = "asks")]
    pub(crate) purpose: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SyncCommand {
    /// The couplings and what they hold, in numbers
    Show(TenantArgs),
    /// Run a coupling: all of it is fetched, then it takes the place of what was there, in one step
    #[command(after_help = "From a timer, every Sunday and after:\n  \
zegel sync run --data DIR --tenant T --coupling ID --settings FILE --if-due\n\n\
FILE is JSON that its owner alone may read; docs/guides/operator.md shows it.")]
    Run {
        #[command(flatten)]
        of: TenantArgs,
        /// The coupling; `zegel sync show` lists them
        #[arg(long, value_name = "ID", value_parser = id)]
        coupling: String,
        /// What opens the system
        #[arg(long, value_name = "FILE")]
        settings: PathBuf,
        /// Only if its Sunday has come and it has not run since
        #[arg(long)]
        if_due: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Register a person; prints the id that names them from here on
    #[command(after_help = "Example, with the name out of sight of others on this machine:\n  \
printf '%s\\n' NAME E-MAIL | zegel person add --data DIR --tenant T")]
    Add {
        #[command(flatten)]
        of: TenantArgs,
        /// Their name; arguments show in process lists and the shell's history, so better leave it
        /// out: then the first line of standard input is the name, the second the e-mail address
        #[arg(long)]
        name: Option<String>,
        /// Their school e-mail address
        #[arg(long, requires = "name")]
        email: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Open an account for a person, with a role if you say so; prints a code for the password
    #[command(after_help = "Example, the first administrator of a tenant:\n  \
zegel account open --data DIR --tenant T --person ID --login name@school.example \\\n    \
--role tenant-administrator")]
    Open {
        #[command(flatten)]
        of: TenantArgs,
        /// The id that `zegel person add` printed
        #[arg(long)]
        person: String,
        /// What they sign in with
        #[arg(long)]
        login: String,
        /// A role that reaches the whole tenant, such as tenant-administrator
        #[arg(long)]
        role: Option<String>,
    },
    /// Give out a new code for a password: it holds for two days, and once
    Code {
        #[command(flatten)]
        of: TenantArgs,
        /// What they sign in with
        #[arg(long)]
        login: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Import the UCI course evaluations (28 items on a five-point scale) into a round
    #[command(after_help = "Example:\n  \
zegel import evaluations --data DIR --tenant T --file evaluations.csv --name \"spring term\"\n\n\
The file: UTF-8, commas, and the heading\n  \
instr,class,nb.repeat,attendance,difficulty,Q1,Q2,...,Q28\n\
Messages count rows from the first one below the heading.")]
    Evaluations(Evaluations),
    /// Give up an unfinished import: its rows never count and their keys are destroyed
    Abandon {
        #[command(flatten)]
        of: TenantArgs,
        /// Name of the import
        #[arg(long)]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Evaluations {
    #[command(flatten)]
    pub(crate) of: TenantArgs,
    /// The CSV file; `.gz` is read too
    #[arg(long, value_name = "CSV")]
    pub(crate) file: PathBuf,
    /// Name of the import and of its round
    #[arg(long, default_value = "course evaluations")]
    pub(crate) name: String,
    /// Fewest people of whom anything is shown
    #[arg(long, default_value_t = 5)]
    pub(crate) floor: u16,
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// Give every row an invented respondent, for trying things out
    #[arg(long)]
    pub(crate) invented_names: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ShowCommand {
    /// The tenants
    Tenants(Data),
    /// People and pseudonyms that keys are kept of, without names
    Subjects {
        #[command(flatten)]
        of: TenantArgs,
        /// Everything that is kept of one of them
        #[arg(long, value_name = "ID", value_parser = id)]
        subject: Option<String>,
    },
    /// Published analyses
    Analysis {
        #[command(flatten)]
        of: TenantArgs,
        /// One round only: its id, or its name when only one has it
        #[arg(long, value_name = "ROUND")]
        round: Option<String>,
        /// One group only
        #[arg(long, value_name = "NAME")]
        group: Option<String>,
    },
    /// The journal: headers and states, no content
    Journal {
        #[command(flatten)]
        of: TenantArgs,
        /// First record
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most this many
        #[arg(long, default_value_t = 100)]
        most: u64,
    },
    /// Key epoch, counts, erasures and orders; never a key
    Key(TenantArgs),
    /// Surveys; rounds with their scopes and the number of responses
    Rounds(TenantArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    pub(crate) of: TenantArgs,
    /// Whose data; may be given more than once
    #[arg(long, value_name = "ID", value_parser = id, required_unless_present = "approve")]
    pub(crate) subject: Vec<String>,
    /// Approve this order and carry it out
    #[arg(long, value_name = "ORDER", value_parser = id, conflicts_with = "subject")]
    pub(crate) approve: Option<String>,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScopeCommand {
    /// End a scope: destroys every key minted for it
    End {
        #[command(flatten)]
        of: TenantArgs,
        /// The scope; `zegel show rounds` lists them
        #[arg(long, value_name = "ID", value_parser = id)]
        scope: String,
        #[command(flatten)]
        order: OrderArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write a bundle: a directory, or a tar when the name ends in .tar
    #[command(
        after_help = "Example:\n  zegel export bundle --data DIR --tenant T --out bundle.tar"
    )]
    Bundle {
        #[command(flatten)]
        of: TenantArgs,
        /// Where to; must not exist, or be an empty directory
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// Write a bundle of the operator journal: which tenants began and ended, what was witnessed
    #[command(after_help = "Example:\n  zegel export operator --data DIR --out operator.tar")]
    Operator {
        #[command(flatten)]
        data: Data,
        /// Where to; must not exist, or be an empty directory
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A bundle: directory or tar
    #[arg(value_name = "PATH")]
    pub(crate) bundle: PathBuf,
    /// The verifying key you pinned; without it the verdict is UNTRUSTED at best
    #[arg(long, value_name = "VKEY", value_parser = vkey)]
    pub(crate) key: Option<String>,
    /// A file with a checkpoint you kept from before
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
    /// The operator's bundle: what does it say of this tenant?
    #[arg(long, value_name = "PATH", conflicts_with = "tenant")]
    pub(crate) operator: Option<PathBuf>,
    /// Beside the operator's bundle, one of a tenant; give all of them, for every tenant that the
    /// operator journal knows must be shown
    #[arg(long, value_name = "PATH")]
    pub(crate) tenant: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// A bundle, or a file with a checkpoint
    #[arg(value_name = "ONE")]
    pub(crate) one: PathBuf,
    /// Another
    #[arg(value_name = "OTHER")]
    pub(crate) other: PathBuf,
    /// The verifying key you pinned; without it the verdict is UNTRUSTED at best
    #[arg(long, value_name = "VKEY", value_parser = vkey)]
    pub(crate) key: Option<String>,
    /// A proof of consistency, where neither bundle is there
    #[arg(long, value_name = "FILE")]
    pub(crate) proof: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Compare the rebuilt views with the digests sealed beside the checkpoint
    #[arg(long, required = true)]
    pub(crate) check: bool,
    /// One tenant only
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// Replay to this record at most
    #[arg(long, value_name = "SEQ")]
    pub(crate) to: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    #[command(flatten)]
    pub(crate) of: TenantArgs,
    /// What kind of thing
    #[arg(value_name = "KIND", value_parser = kind_of_thing)]
    pub(crate) kind: api::timeline::Kind,
    /// Its id
    #[arg(value_name = "ID", value_parser = id)]
    pub(crate) id: String,
    /// The language of the sentences
    #[arg(long, value_enum, default_value_t = SentenceLanguage::En)]
    pub(crate) language: SentenceLanguage,
    /// Compare two moments: after this record
    #[arg(long, value_name = "SEQ", requires = "to")]
    pub(crate) from: Option<u64>,
    /// … and after this one
    #[arg(long, value_name = "SEQ", requires = "from")]
    pub(crate) to: Option<u64>,
}

/// A language of the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SentenceLanguage {
    /// Dutch
    Nl,
    /// English
    En,
}

fn kind_of_thing(text: &str) -> Result<api::timeline::Kind, String> {
    let names: Vec<_> = api::timeline::Kind::ALL.iter().map(|(name, _)| *name).collect();
    api::timeline::Kind::of(text).ok_or_else(|| format!("one of {}", names.join(", ")))
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8087")]
    pub(crate) listen: SocketAddr,
    /// Where to answer `GET /metrics`, for the monitoring alone
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where to; the same directory every time
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Copy the guard too: a last resort, since it is as old as the backup
    #[arg(long)]
    pub(crate) guard: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Say so: the journal will tell what came back, what not, on what ground and who decided
    #[arg(long, required = true)]
    pub(crate) declare: bool,
    #[command(flatten)]
    pub(crate) data: Data,
    /// The guard of the installation, if DIR has no settings any more (default: DIR/guard)
    #[arg(long, value_name = "DIR")]
    pub(crate) guard: Option<PathBuf>,
    /// The backup
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Where the sealed roots are; not needed if the slots in DIR/keys survived
    #[arg(long, value_name = "DIR", requires = "identity")]
    pub(crate) escrow: Option<PathBuf>,
    /// What one of the holders opens them with, as `age-keygen` wrote it
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Vec<PathBuf>,
    /// The ground, for example disk-lost
    #[arg(long, value_name = "GROUND")]
    pub(crate) ground: String,
    /// Who decided, as a random reference
    #[arg(long, value_name = "ACTOR", value_parser = id)]
    pub(crate) approved_by: String,
    /// This tenant alone, in a database that stands
    #[arg(long, value_name = "ID", value_parser = id)]
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EscrowCommand {
    /// Choose the holders and the directory, and ship all roots
    #[command(after_help = "Example, with keys that two holders made by `age-keygen`:\n  \
zegel escrow set --data DIR --to /mnt/other-machine/escrow --days 30 \\\n    \
--recipient age1... --recipient age1...")]
    Set(EscrowSet),
    /// Ship all roots again, after the directory was mended
    Ship(Data),
}

#[derive(Debug, Args)]
pub(crate) struct EscrowSet {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Where to; best on another machine
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// A holder, two at least; each alone can open
    #[arg(long, value_name = "AGE1...", required = true)]
    pub(crate) recipient: Vec<String>,
    /// Days within which every older copy is gone, snapshots of that directory included
    #[arg(long, default_value_t = 30)]
    pub(crate) days: u16,
}

/// An id keeps its text; another form is a wrong call, not a failure.
fn id(text: &str) -> Result<String, &'static str> {
    let id = record::parse_id(text).map(|_| text.to_owned());
    id.ok_or("an id is 32 lower-case hexadecimal digits")
}

fn vkey(text: &str) -> Result<String, String> {
    let key = record::note::Vkey::parse(text.trim());
    key.map(|key| key.to_string()).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Where to work; a new directory below it is removed afterwards
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Events of each load; the figures of docs/benchmarks.md have 1000000
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(10_000..=10_000_000))]
    pub(crate) events: u64,
    /// How often everything is measured; medians are printed
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=101))]
    pub(crate) runs: u64,
    /// Waste so many microseconds at each event of the road, which the figures must show: the control
    #[arg(long, hide = true, default_value_t = 0)]
    pub(crate) handicap: u32,
    /// Measure one thing in this process: how the command calls itself
    #[arg(long, hide = true)]
    pub(crate) probe: Option<Probe>,
    /// The key that verifies the bundle of a probe
    #[arg(long, hide = true)]
    pub(crate) key: Option<String>,
}

/// What `zegel bench` measures in a process of its own.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Probe {
    Store,
    Engine,
    Verify,
    Hashing,
}
