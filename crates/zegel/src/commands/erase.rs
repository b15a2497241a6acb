//! `zegel erase`, `zegel scope end`, `zegel tenant end`: one protocol, three targets.

use anyhow::{Context as _, bail};
use engine::{Erasure, ErasureRequest, Receipt};
use record::public::{Cut, ErasureApproved};
use record::{ActorId, OrderId, ScopeId, SubjectId};

use crate::cli::{Erase, OrderArgs, ScopeCommand};
use crate::commands::Opened;
use crate::output::Output;

pub(super) fn run(erase: &Erase, output: Output) -> anyhow::Result<()> {
    let opened = Opened::open(&erase.of)?;
    if let Some(order) = &erase.approve {
        let order = OrderId::from_hex(order).context("--approve: not an order id")?;
        return approve(opened, order, &erase.order, output);
    }
    let subject = |text: &String| {
        let id = SubjectId::from_hex(text).context("--subject: not an id of 32 hexadecimal digits");
        id.map(Cut::Subject)
    };
    let targets = erase.subject.iter().map(subject).collect::<anyhow::Result<Vec<_>>>()?;
    order(opened, targets, &erase.order, output)
}

pub(super) fn end_scope(command: &ScopeCommand, output: Output) -> anyhow::Result<()> {
    let ScopeCommand::End { of, scope, order: arguments } = command;
    let scope = ScopeId::from_hex(scope).context("--scope: not an id of 32 hexadecimal digits")?;
    order(Opened::open(of)?, vec![Cut::Scope(scope)], arguments, output)
}

/// Orders an erasure; with `--yes` it is approved and carried out at once.
pub(super) fn order(
    mut opened: Opened,
    targets: Vec<Cut>,
    arguments: &OrderArgs,
    output: Output,
) -> anyhow::Result<()> {
    let of_tenant = targets.contains(&Cut::Tenant);
    if arguments.yes && of_tenant {
        bail!(
            "the end of a tenant takes two people: order it without --yes, and let another approve"
        );
    }
    let request = ErasureRequest {
        targets,
        ground: arguments.ground.clone(),
        ordered_by: actor(&opened, arguments)?,
        four_eyes: arguments.four_eyes,
    };
    let order = opened.engine.order_erasure(opened.tenant, request)?;
    if arguments.yes {
        return approve(opened, order, arguments, output);
    }
    let two_people = arguments.four_eyes || of_tenant;
    let by = if two_people {
        " --by ANOTHER\nANOTHER is the reference of somebody else: 32 hexadecimal digits."
    } else {
        ""
    };
    let (tenant, data) = (opened.tenant, opened.home.directory().display().to_string());
    opened.finish()?;
    output.result(&Erasure::Waiting { order: order.to_string() }, |_| {
        format!(
            "Ordered: {order}\nIt waits for an approval:\n  \
             zegel erase --data {data} --tenant {tenant} --approve {order}{by}"
        )
    })
}

fn approve(
    mut opened: Opened,
    order: OrderId,
    arguments: &OrderArgs,
    output: Output,
) -> anyhow::Result<()> {
    let approval = ErasureApproved { order, approved_by: actor(&opened, arguments)? };
    let receipt = opened.engine.approve_erasure(opened.tenant, approval)?;
    opened.finish()?;
    output.result(&Erasure::Done(receipt), |erasure| match erasure {
        Erasure::Done(receipt) => render(receipt),
        Erasure::Waiting { order } => format!("order {order} waits"),
    })
}

/// A receipt as a person reads it.
pub(super) fn render(receipt: &Receipt) -> String {
    let what = if receipt.tenant {
        "the whole tenant".to_owned()
    } else {
        format!("{} leaf keys, {} scope keys", receipt.leaves, receipt.scopes)
    };
    format!(
        "Erased: {what}\n  order      {}\n  ground     {}\n  approver   {}\n  \
         receipt    record {}\n  key epoch  {} -> {}\n  level      {}: {}\n  \
         backups    {}",
        receipt.order,
        receipt.ground,
        receipt.approved_by,
        receipt.seq,
        receipt.epoch_before,
        receipt.epoch_after,
        receipt.level,
        receipt.level_reason,
        backups(receipt.backup_days),
    )
}

fn backups(days: u16) -> String {
    match days {
        0 => "no root copy is kept elsewhere, so none has to expire".to_owned(),
        u16::MAX => {
            "an older escrowed root copy could not be replaced: no term is promised".to_owned()
        }
        days => format!("every escrowed root copy is gone within {days} days"),
    }
}

fn actor(opened: &Opened, arguments: &OrderArgs) -> anyhow::Result<ActorId> {
    match &arguments.by {
        None => opened.home.actor(),
        Some(text) => ActorId::from_hex(text).context("--by: not an id of 32 hexadecimal digits"),
    }
}
