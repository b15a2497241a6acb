//! The writer's end is told to whoever asks, however it came.

use std::time::{Duration, Instant};

use engine::Writer;

use crate::world::World;

#[test]
fn a_writer_that_panics_is_neither_ready_nor_there() {
    let (engine, _home) = World::new().into_parts();
    let writer = Writer::start(engine).unwrap();
    let handle = writer.handle();
    assert!(handle.is_ready() && !handle.has_ended());
    handle.ask(|_| panic!("a fault of ours")).unwrap();
    let started = Instant::now();
    while !handle.has_ended() {
        assert!(started.elapsed() < Duration::from_secs(60), "its end is not told");
        std::thread::yield_now();
    }
    assert!(!handle.is_ready());
    assert!(writer.stop().is_err());
}
