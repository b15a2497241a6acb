//! Arithmetic over many items, spread over the cores; the results keep the order of the items.

use std::sync::LazyLock;
use std::thread::{available_parallelism, scope};

/// Below this a second thread costs more than it takes over: it starts in some twenty microseconds,
/// and an item takes one to four.
const ITEMS_MIN: usize = 24;

/// Asking the system reads files, so it is asked once.
static CORES: LazyLock<usize> =
    LazyLock::new(|| available_parallelism().map_or(1, std::num::NonZero::get));

/// Maps items to results on as many threads as pay off; none is left when it returns.
pub fn spread<T: Send, R: Send>(mut items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = (items.len() / ITEMS_MIN).clamp(1, *CORES);
    let share = items.len().div_ceil(threads);
    let work = &work;
    scope(|scope| {
        let mut others = Vec::new();
        while items.len() > share {
            let some = items.split_off(items.len() - share);
            others.push(scope.spawn(move || some.into_iter().map(work).collect::<Vec<_>>()));
        }
        let mut results: Vec<R> = items.into_iter().map(work).collect();
        for other in others.into_iter().rev() {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_their_items() {
        for count in [0, 1, ITEMS_MIN, 2 * ITEMS_MIN, 7 * ITEMS_MIN + 5, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(spread(items, |item| item * 2), doubled);
        }
    }

    #[test]
    fn a_panic_of_one_item_is_a_panic_of_the_whole() {
        for bad in [0, 999] {
            let run = || spread((0..1_000).collect(), |item| assert_ne!(item, bad));
            assert!(std::panic::catch_unwind(run).is_err(), "{bad}");
        }
    }
}
