//! The registers of processing activities (GDPR art. 30), shown and handed over as files.
//!
//! *Invariant:* a file says what the register says as of the same moment, and nothing more.

mod document;
mod words;

use projections::{AsOf, ControllerRegister, ProcessorRegister};
use record::TimestampMicros;
use report::{Language, Mark, Report};
use schemars::JsonSchema;
use serde::Serialize;

use crate::operation::{Answer, At, Operation, Plan, Planned, Stop};
use crate::problem::{Kind, Problem};

const PURPOSE: &str = "register";
const PDF: &str = "application/pdf";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::shows::<Registers>(
            "see-processing-register",
            "/processing-register",
            PURPOSE,
            "The registers of processing of controller and processor, as of now or `as_of` a moment \
             in microseconds since 1970",
            see,
        ).knows(&[("as_of", "^[0-9]{1,16}$")]),
        Operation::exports(
            "export-register",
            "/processing-register/export",
            PURPOSE,
            "A register as a file: `register` is `controller` (without) or `processor`, `form` is \
             `pdf` (without), `xlsx`, `html` or `csv`, which holds one `table`, counted from 1; \
             `language` is `nl` (without) or `en`; `as_of` is a moment in microseconds since 1970",
            &[PDF, XLSX, CSV, HTML],
            export,
        ).knows(&[ ("as_of", "^[0-9]{1,16}$"), ("register", "^(controller|processor)$"), ("form", "^(pdf|xlsx|csv|html)$"), ("language", "^(nl|en)$"), ("table", "^[0-9]{1,2}$"), ]),
    ]
}

/// Both registers.
#[derive(Serialize, JsonSchema)]
struct Registers {
    /// Microseconds since 1970; as of when; null for now.
    as_of: Option<u64>,
    /// Of the controller (art. 30(1)).
    controller: ControllerRegister,
    /// Of the processor (art. 30(2)).
    processor: ProcessorRegister,
}

fn see(at: &At<'_>) -> Planned {
    let asked = as_of(at)?;
    let moment = AsOf::Time(asked.unwrap_or(at.now));
    let registers = at.tenant()?.views().processing();
    let shown = Registers {
        as_of: asked.map(|moment| moment.0),
        controller: registers.controller(moment),
        processor: registers.processor(moment),
    };
    Plan::shows(at.board("register"), &shown)
}

/// The moment that is asked about; what is to come is in no register yet.
fn as_of(at: &At<'_>) -> Result<Option<TimestampMicros>, Stop> {
    let Some(text) = at.path.text("as_of") else { return Ok(None) };
    let asked = text.parse().ok().map(TimestampMicros).filter(|moment| *moment <= at.now);
    asked.map(Some).ok_or_else(|| wrong("as_of", "a moment that has passed, in microseconds"))
}

fn wrong(member: &str, rule: &str) -> Stop {
    Stop::Problem(Problem::input(member, rule))
}

// Made on the writer's thread: a register is a few pages. What each form takes is printed by
// `api::tests::agreement::a_register_leaves_as_a_file_and_that_is_in_the_trail`.
fn export(at: &At<'_>) -> Planned {
    let moment = as_of(at)?.unwrap_or(at.now);
    let (language, code) = match at.path.text("language") {
        None | Some("nl") => (Language::Dutch, "nl"),
        Some("en") => (Language::English, "en"),
        Some(_) => return Err(wrong("language", "`nl` or `en`")),
    };
    let tenant = at.tenant()?;
    let registers = tenant.views().processing();
    let about = document::About {
        language,
        moment,
        tenant: at.tenant,
        board: tenant.views().organisation().chart().board.map(|board| board.name),
    };
    let name = at.path.text("register").unwrap_or("controller");
    let document = match name {
        "controller" => document::controller(&about, &registers.controller(AsOf::Time(moment))),
        "processor" => document::processor(&about, &registers.processor(AsOf::Time(moment))),
        _ => return Err(wrong("register", "`controller` or `processor`")),
    };
    let report = Report::new(document.ok_or_else(fault)?).map_err(|_| fault())?;
    let (content_type, ending, bytes) = rendered(at, &report)?;
    let file_name = Some(format!("register-{name}-{code}.{ending}"));
    Plan::exports(at.board("register"), Answer { content_type, bytes, file_name })
}

fn rendered(at: &At<'_>, report: &Report) -> Result<(&'static str, &'static str, Vec<u8>), Stop> {
    match at.path.text("form") {
        None | Some("pdf") => Ok((PDF, "pdf", report.pdf().map_err(|_| fault())?)),
        Some("xlsx") => Ok((XLSX, "xlsx", report.xlsx().map_err(|_| fault())?)),
        Some("html") => Ok((HTML, "html", report.html().into_bytes())),
        Some("csv") => {
            let table = at.path.text("table").unwrap_or("1").parse::<usize>().ok();
            let mut files = report.csv(Mark::With).into_iter();
            let file = table.and_then(|table| files.nth(table.checked_sub(1)?));
            let file = file.ok_or_else(|| wrong("table", "a table of the register, from 1"))?;
            Ok((CSV, "csv", file.bytes))
        }
        Some(_) => Err(wrong("form", "`pdf`, `xlsx`, `csv` or `html`")),
    }
}

/// A register keeps within what a file can hold, so this is our fault.
fn fault() -> Stop {
    Stop::Problem(Problem::of(Kind::Fault))
}
