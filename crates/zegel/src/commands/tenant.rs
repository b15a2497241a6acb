//! `zegel tenant start|end`.

use record::public::Cut;
use serde::Serialize;

use crate::cli::TenantCommand;
use crate::commands::{Opened, erase};
use crate::home::Home;
use crate::output::Output;

#[derive(Serialize)]
struct Started {
    tenant: String,
    name: String,
}

pub(super) fn run(command: &TenantCommand, output: Output) -> anyhow::Result<()> {
    match command {
        TenantCommand::Start { data, name } => {
            let (_, mut engine) = Home::open(&data.data)?;
            let tenant = engine.start_tenant(name)?;
            let started = Started { tenant: tenant.to_string(), name: name.clone() };
            output.result(&started, |started| {
                format!("Started tenant `{}`\n  id {}", started.name, started.tenant)
            })
        }
        TenantCommand::End(end) => {
            erase::order(Opened::open(&end.of)?, vec![Cut::Tenant], &end.order, output)
        }
    }
}
