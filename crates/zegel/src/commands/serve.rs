//! `zegel serve`: the HTTP API, until a signal ends it.

use std::net::SocketAddr;

use anyhow::Context as _;
use engine::{Engine, Writer};

use crate::cli::Serve;
use crate::home::Home;
use crate::output::Output;

pub(super) fn run(arguments: &Serve, output: Output) -> anyhow::Result<()> {
    let (home, engine) = Home::open(&arguments.data.data)?;
    serve(home, engine, arguments.listen, output)
}

/// Serves an opened installation.
pub(super) fn serve(
    home: Home,
    engine: Engine,
    listen: SocketAddr,
    output: Output,
) -> anyhow::Result<()> {
    let token = home.token()?;
    let writer = Writer::start(engine).context("no thread for the writer")?;
    let handle = writer.handle();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        output.say(format!("Serving on http://{} (stop with Ctrl-C)", listener.local_addr()?))?;
        let service = api::Service::new(handle, &token);
        api::serve(listener, service, stop_signal()).await.context("the server failed")
    });
    let stopped = writer.stop();
    served?;
    stopped.context("the writer ended with a fault")
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
