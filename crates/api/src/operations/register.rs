//! The registers of processing activities (GDPR art. 30), shown and handed over as files.
//!
//! *Invariant:* a file says what the register says as of the same moment, and nothing more.

mod document;
mod words;

use projections::{AsOf, ControllerRegister, ProcessorRegister};
use report::Report;
use schemars::JsonSchema;
use serde::Serialize;

use super::file::{CSV, HTML, PDF, XLSX, csv, fault, language};
use crate::operation::{Answer, At, Operation, Plan, Planned, Stop};

const PURPOSE: &str = "register";

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
    let asked = at.as_of()?;
    let moment = AsOf::Time(asked.unwrap_or(at.now));
    let registers = at.tenant()?.views().processing();
    let shown = Registers {
        as_of: asked.map(|moment| moment.0),
        controller: registers.controller(moment),
        processor: registers.processor(moment),
    };
    Plan::shows(at.board("register"), &shown)
}

// Made on the writer's thread: a register is a few pages. What each form takes is printed by
// `api::tests::agreement::a_register_leaves_as_a_file_and_that_is_in_the_trail`.
fn export(at: &At<'_>) -> Planned {
    let moment = at.as_of()?.unwrap_or(at.now);
    let (language, code) = language(at)?;
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
        _ => return Err(Stop::input("register", "`controller` or `processor`")),
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
        Some("csv") => Ok((CSV, "csv", csv(at, report, "a table of the register, from 1")?)),
        Some(_) => Err(Stop::input("form", "`pdf`, `xlsx`, `csv` or `html`")),
    }
}
