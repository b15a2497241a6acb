//! The product as a server, with its real HTTP edge and writer, that also takes orders.
//!
//! Orders come on standard input, one to a line: `person NUMBER` registers an invented person with
//! responses and links; `erase ID…`; `export DIR`; `stop`. Nothing about a person is in an order but ids.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::mpsc::sync_channel;

use engine::{Engine, Writer};
use record::SubjectId;
use record::public::Cut;
use tokio::sync::oneshot;

use crate::work::{Work, open};

/// More than the harness opens.
const CONNECTIONS: usize = 64;

/// What the callers of this server send.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn run(directory: &Path) {
    let mut engine = open(directory);
    let work = Work::of(&mut engine);
    let (tenant, rounds) = (work.tenant, work.open_rounds());
    let writer = Writer::start(engine).unwrap();
    let handle = writer.handle();
    let service = api::Service::new(handle.clone(), TOKEN, CONNECTIONS).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = sync_channel(1);
    let served = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let stopped = async {
                let _ = stopped.await;
            };
            api::serve(listener, service, stopped).await.unwrap();
        });
    });
    say(&format!("{} {tenant} {}", told.recv().unwrap(), rounds[0]));
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        if line == "stop" {
            break;
        }
        let (answer, answered) = sync_channel(1);
        let at = directory.to_owned();
        let order = move |engine: &mut Engine| {
            carry_out(Work::of(engine), &at, &line);
            answer.send(()).unwrap();
        };
        handle.ask(order).unwrap();
        answered.recv().unwrap();
        say("done");
    }
    let _ = stop.send(());
    served.join().unwrap();
    writer.stop().unwrap();
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().unwrap();
}

fn carry_out(mut work: Work<'_>, directory: &Path, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["person", seed, number] => {
            let rounds = work.open_rounds();
            work.add_people(seed.parse().unwrap(), &[number.parse().unwrap()], &rounds);
        }
        ["erase", people @ ..] => {
            let subject = |id: &&str| Cut::Subject(SubjectId::from_hex(id).unwrap());
            work.erase(people.iter().map(subject).collect());
        }
        ["export", out] => work.export(Path::new(out), directory),
        other => panic!("{other:?}?"),
    }
}
