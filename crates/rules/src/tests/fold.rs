//! The law of every fold, over the samples of every event ([`events::samples::story`]).

use events::samples::story::{Folded, Step, Story};
use events::{Event, Forgotten, Place};
use proptest::prelude::*;

use crate::State;

impl Folded for State {
    fn fold(&mut self, place: &Place, event: &Event) {
        self.evolve(place, event);
    }

    fn forget(&mut self, gone: &Forgotten) {
        Self::forget(self, gone);
    }

    fn bytes(&self) -> Vec<u8> {
        self.digest_input()
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<usize>(), 0_usize..4, 0_usize..3)
            .prop_map(|(which, who, scope)| Step::Happens { which, who, scope }),
        1 => (0_u8..3, any::<usize>()).prop_map(|(kind, which)| Step::Cut { kind, which }),
    ]
}

proptest! {
    #[test]
    fn live_equals_rebuilt_for_every_event(steps in proptest::collection::vec(step(), 1..80)) {
        let mut story = Story::<State>::new();
        for step in steps {
            story.take(step);
            let rebuilt = story.rebuilt();
            prop_assert_eq!(story.live(), &rebuilt);
            prop_assert_eq!(story.live().bytes(), rebuilt.bytes());
            prop_assert_eq!(story.remembered(), None);
        }
    }
}
