//! `zegel serve`: the HTTP API, until a signal ends it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use engine::{Engine, Handle, Writer};
use tokio::net::{TcpListener, TcpSocket};

use crate::cli::Serve;
use crate::environment;
use crate::home::Home;
use crate::output::Output;

/// Connections that the system completes before we take them: a flood of them must not make an
/// honest one try again a second later. The system lowers it to its own limit.
const BACKLOG: u32 = 4_096;
/// Holds the largest request or a usual answer; the system's own growing buffers would keep
/// megabytes for each caller that asks and never reads.
const BUFFER_BYTES: u32 = 64 * 1024;
/// How often we look whether the writer is still there.
const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(super) fn run(arguments: &Serve, output: Output) -> anyhow::Result<()> {
    let (home, engine) = Home::open(&arguments.data.data)?;
    serve(home, engine, arguments.listen, arguments.metrics, output)
}

/// Serves an opened installation.
pub(super) fn serve(
    home: Home,
    engine: Engine,
    listen: SocketAddr,
    metrics: Option<SocketAddr>,
    output: Output,
) -> anyhow::Result<()> {
    let token = home.token()?;
    let connections = connections(output)?;
    let writer = Writer::start(engine).context("no thread for the writer")?;
    let handle = writer.handle();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(environment::give_way_to_the_writer)
        .build()?;
    let served = runtime.block_on(async {
        let listener = listener(listen).with_context(|| format!("cannot listen on {listen}"))?;
        output.say(format!("Serving on http://{} (stop with Ctrl-C)", listener.local_addr()?))?;
        let service = api::Service::new(handle.clone(), &token, connections)?;
        if let Some(address) = metrics {
            let listener = listener_of_figures(address, output).await?;
            let end = std::future::pending();
            tokio::spawn(api::serve_metrics(listener, service.clone(), end));
        }
        let stop = async {
            tokio::select! {
                () = stop_signal() => {}
                () = end_of(&handle) => {}
            }
        };
        api::serve(listener, service, stop).await.context("the server failed")
    });
    let stopped = writer.stop();
    served?;
    stopped.context("the writer ended with a fault")
}

async fn listener_of_figures(address: SocketAddr, output: Output) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    output.say(format!("Figures on http://{}/metrics", listener.local_addr()?))?;
    Ok(listener)
}

fn listener(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // What is accepted inherits these.
    socket.set_send_buffer_size(BUFFER_BYTES)?;
    socket.set_recv_buffer_size(BUFFER_BYTES)?;
    socket.bind(listen)?;
    socket.listen(BACKLOG)
}

/// As many connections as the process may have open, once it may open as many files as it can.
fn connections(output: Output) -> anyhow::Result<usize> {
    let descriptors = environment::raise_descriptors();
    let Some(connections) = api::connections_within(descriptors) else {
        bail!("this process may open {descriptors} files, too few to serve: `ulimit -n 4096`");
    };
    if connections < api::CONNECTIONS_MAX {
        output.say(format!(
            "Only {connections} connections of {} fit into {descriptors} open files: `ulimit -n 4096`",
            api::CONNECTIONS_MAX
        ))?;
    }
    Ok(connections)
}

/// A server without a writer answers nothing: it ends, and whoever started it starts it again.
async fn end_of(writer: &Handle) {
    while !writer.has_ended() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
