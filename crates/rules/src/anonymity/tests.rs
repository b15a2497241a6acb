//! The anonymity rules against an attacker who tries every table of people.

use std::collections::BTreeSet;

use events::discover::{Bucket, Cell, Publication, QuestionResult, Shown};
use events::survey::RoundId;

use super::table::Moments;
use super::{QuestionShape, Row, publish, too_close};

const FIVE_POINT: QuestionShape = QuestionShape { buckets: 5, scored: true };
const CHOICE: QuestionShape = QuestionShape { buckets: 4, scored: false };
const OPEN: QuestionShape = QuestionShape { buckets: 0, scored: false };

/// Names that sort as their numbers do.
const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// The counts of each group.
type Counts = Vec<Vec<u32>>;

fn round() -> RoundId {
    RoundId::from_bytes([7; 16])
}

/// One question's answers as rows: `counts` per group, one response each.
fn answers(tables: &[Counts]) -> Vec<(&'static str, Vec<Option<u16>>)> {
    let mut rows: Vec<(&'static str, Vec<Option<u16>>)> = Vec::new();
    for (group, name) in NAMES.iter().enumerate().take(tables[0].len()) {
        let columns: Vec<Vec<u16>> = tables.iter().map(|table| spread(&table[group])).collect();
        let size = columns.iter().map(Vec::len).max().unwrap();
        for person in 0..size {
            rows.push((name, columns.iter().map(|column| column.get(person).copied()).collect()));
        }
    }
    rows
}

fn spread(counts: &[u32]) -> Vec<u16> {
    let buckets = (0_u16..).zip(counts);
    buckets.flat_map(|(bucket, n)| std::iter::repeat_n(bucket, *n as usize)).collect()
}

fn publish_all(floor: u16, shape: QuestionShape, tables: &[Counts]) -> Publication {
    let owned = answers(tables);
    let rows: Vec<Row<'_>> = owned.iter().map(|(group, answers)| Row { group, answers }).collect();
    publish(round(), floor, &vec![shape; tables.len()], &rows)
}

/// What is shown of one question: everyone, then each group.
fn shown(floor: u16, shape: QuestionShape, table: &Counts) -> Vec<Shown> {
    let mut publication = publish_all(floor, shape, std::slice::from_ref(table));
    publication.questions.remove(0).cells.into_iter().map(|cell| cell.shown).collect()
}

fn hidden(shown: &[Shown]) -> Vec<bool> {
    shown.iter().map(|shown| *shown == Shown::Hidden).collect()
}

// --- The attacker -------------------------------------------------------------------------

/// Something the attacker would like to know for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// The people of this group who chose this bucket: one to `floor - 1`.
    Bucket(usize, usize),
    /// Fewer people than the floor answered in this group.
    Few(usize),
    /// All of this group gave the same answer.
    Unanimous(usize),
}

impl Known {
    fn holds(self, floor: u32, table: &Counts) -> bool {
        match self {
            Self::Bucket(group, bucket) => (1..floor).contains(&table[group][bucket]),
            Self::Few(group) => table[group].iter().sum::<u32>() < floor,
            Self::Unanimous(group) => table[group].iter().filter(|n| **n > 0).count() <= 1,
        }
    }
}

/// Tries every table that agrees with what is shown, until nothing is left that holds in all.
struct Attacker<'a> {
    floor: u32,
    shown: &'a [Shown],
    buckets: usize,
    people_max: u32,
    certain: BTreeSet<Known>,
    tables: u64,
}

impl<'a> Attacker<'a> {
    /// What is certain of this table to whoever sees only what is shown.
    fn attack(floor: u32, shown: &'a [Shown], table: &Counts) -> BTreeSet<Known> {
        let buckets = table[0].len();
        let people: u32 = table.iter().flatten().sum();
        let certain = secrets(table).into_iter().filter(|known| known.holds(floor, table));
        let mut attacker = Self {
            floor,
            shown,
            buckets,
            people_max: people + floor,
            certain: certain.collect(),
            tables: 0,
        };
        attacker.choose(&mut Vec::new(), &mut Vec::new());
        assert!(attacker.tables > 0, "the true table must agree with what is shown");
        attacker.certain
    }

    /// Extends the table by one count.
    fn choose(&mut self, table: &mut Counts, row: &mut Vec<u32>) {
        if self.certain.is_empty() && self.tables > 0 {
            return;
        }
        if row.len() == self.buckets {
            if !agrees(&self.shown[table.len() + 1], row) {
                return;
            }
            table.push(row.clone());
            self.next_group(table);
            table.pop();
            return;
        }
        for count in 0..=self.room(table, row) {
            row.push(count);
            self.choose(table, row);
            row.pop();
        }
    }

    fn next_group(&mut self, table: &mut Counts) {
        if table.len() + 1 < self.shown.len() {
            return self.choose(table, &mut Vec::new());
        }
        let total: Vec<u32> =
            (0..self.buckets).map(|bucket| table.iter().map(|row| row[bucket]).sum()).collect();
        if agrees(&self.shown[0], &total) {
            self.tables += 1;
            self.certain.retain(|known| known.holds(self.floor, table));
        }
    }

    /// The most people that this place can hold: what the shown numbers leave, bucket and cell.
    fn room(&self, table: &Counts, row: &[u32]) -> u32 {
        let bucket = row.len();
        let used: u32 = table.iter().flatten().chain(row).sum();
        let above: u32 = table.iter().map(|row| row[bucket]).sum();
        let cell = people(&self.shown[table.len() + 1]).map(|n| n - row.iter().sum::<u32>());
        let total = people(&self.shown[0]).unwrap_or(self.people_max).saturating_sub(used);
        let column = match &self.shown[0] {
            Shown::Full { counts, .. } => counts[bucket].saturating_sub(above),
            _ => total,
        };
        cell.unwrap_or(total).min(total).min(column)
    }
}

fn secrets(table: &Counts) -> Vec<Known> {
    let group = |group: usize| {
        let buckets = (0..table[group].len()).map(move |bucket| Known::Bucket(group, bucket));
        buckets.chain([Known::Few(group), Known::Unanimous(group)])
    };
    (0..table.len()).flat_map(group).collect()
}

fn people(shown: &Shown) -> Option<u32> {
    match shown {
        Shown::Hidden => None,
        Shown::Count { n }
        | Shown::Moments { n, .. }
        | Shown::Distribution { n, .. }
        | Shown::Full { n, .. } => Some(*n),
    }
}

/// This row may stand behind what is shown.
fn agrees(shown: &Shown, row: &[u32]) -> bool {
    let moments = Moments::of(row);
    if people(shown).is_some_and(|n| n != moments.n) {
        return false;
    }
    match shown {
        Shown::Hidden | Shown::Count { .. } => true,
        Shown::Moments { mean_millionths, deviation_millionths, .. } => {
            moments.mean_millionths() == *mean_millionths
                && moments.deviation_millionths() == *deviation_millionths
        }
        Shown::Distribution { counts, .. } => {
            counts.iter().zip(row).all(|(shown, n)| match shown {
                Bucket::Shown(shown) => shown == n,
                Bucket::Hidden => true,
            })
        }
        Shown::Full { counts, .. } => counts == row,
    }
}

/// What is shown when each cell is judged alone: no complements, no second thoughts.
fn primary_only(floor: u32, table: &Counts) -> Vec<Shown> {
    let total = (0..table[0].len()).map(|bucket| table.iter().map(|row| row[bucket]).sum());
    let total: Vec<u32> = total.collect();
    std::iter::once(&total).chain(table).map(|row| primary(floor, row)).collect()
}

fn primary(floor: u32, row: &[u32]) -> Shown {
    let moments = Moments::of(row);
    let (n, mean_millionths) = (moments.n, moments.mean_millionths());
    let deviation_millionths = moments.deviation_millionths();
    if n < floor || row.iter().filter(|n| **n > 0).count() <= 1 {
        Shown::Hidden
    } else if row.iter().any(|n| (1..floor).contains(n)) {
        Shown::Moments { n, mean_millionths, deviation_millionths }
    } else {
        Shown::Full { n, counts: row.to_vec(), mean_millionths, deviation_millionths }
    }
}

// --- Random tables ------------------------------------------------------------------------

/// A small generator with a printed seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % u64::from(sides))
            .unwrap()
    }

    fn table(&mut self, groups: u32, buckets: u32, people_max: u32) -> Counts {
        let mut table = vec![vec![0; buckets as usize]; groups as usize];
        for row in &mut table {
            // Some groups agree, some are spread.
            let lean = self.below(buckets);
            let agree = self.below(4);
            for _ in 0..=self.below(people_max) {
                let bucket = if self.below(4) < agree { lean } else { self.below(buckets) };
                row[bucket as usize] += 1;
            }
        }
        table
    }
}

fn seeds(count: u64) -> impl Iterator<Item = u64> {
    (1..=count).map(|seed| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Publishes random tables and lets the attacker at each; answers how many were informative.
fn survives(count: u64, floor: u16, shape: QuestionShape, groups: u32, people_max: u32) -> u64 {
    let mut informative = 0;
    for seed in seeds(count) {
        let table = Dice(seed).table(groups, u32::from(shape.buckets), people_max);
        let shown = shown(floor, shape, &table);
        let certain = Attacker::attack(u32::from(floor), &shown, &table);
        assert!(certain.is_empty(), "seed {seed}: {certain:?} of {table:?} from {shown:?}");
        informative += u64::from(shown[1..].iter().any(|shown| *shown != Shown::Hidden));
    }
    informative
}

#[test]
fn no_small_table_gives_anything_away() {
    let mut informative = 0;
    for buckets in 2..=5 {
        for groups in 2..=3 {
            let scored = QuestionShape { buckets, scored: true };
            let people_max = if groups == 2 { 9 } else { 6 };
            informative += survives(250, 3, scored, groups, people_max);
            informative += survives(150, 3, QuestionShape { scored: false, ..scored }, groups, 6);
        }
    }
    assert!(informative > 500, "only {informative} publications showed any group");
}

#[test]
fn no_table_of_two_groups_gives_anything_away_at_floor_five() {
    let scored = survives(300, 5, QuestionShape { buckets: 4, scored: true }, 2, 12);
    let unscored = survives(300, 5, QuestionShape { buckets: 3, scored: false }, 2, 12);
    assert!(scored + unscored > 0);
}

#[test]
fn four_groups_of_two_answers_give_nothing_away() {
    let informative = survives(400, 3, QuestionShape { buckets: 2, scored: false }, 4, 8);
    assert!(informative > 0);
}

/// The control: with primary suppression alone the same attacker succeeds.
#[test]
fn primary_suppression_alone_is_broken() {
    let mut broken = 0;
    for seed in seeds(100) {
        let table = Dice(seed).table(2, 5, 9);
        let shown = primary_only(3, &table);
        broken += u32::from(!Attacker::attack(3, &shown, &table).is_empty());
    }
    assert!(broken > 50, "only {broken} of 100 tables were broken");
}

#[test]
fn no_shown_cell_is_small_or_unanimous() {
    for seed in seeds(300) {
        let table = Dice(seed).table(5, 5, 25);
        for (row, shown) in table.iter().zip(&shown(5, FIVE_POINT, &table)[1..]) {
            let spread = row.iter().filter(|n| **n > 0).count() > 1;
            let few = row.iter().any(|n| (1..5).contains(n));
            match shown {
                Shown::Hidden => {}
                Shown::Full { .. } => assert!(spread && !few, "seed {seed}: {row:?}"),
                _ => assert!(spread && row.iter().sum::<u32>() >= 5, "seed {seed}: {row:?}"),
            }
        }
    }
}

/// What is left of everyone after subtracting is a cell too, and obeys the same floor.
#[test]
fn no_rest_of_everyone_is_small() {
    let mut compared = 0;
    for seed in seeds(300) {
        let table = Dice(seed).table(5, 5, 40);
        let shown = shown(5, FIVE_POINT, &table);
        let Shown::Full { counts: everyone, .. } = &shown[0] else { continue };
        for (bucket, all) in everyone.iter().enumerate() {
            let told = shown[1..].iter().filter_map(|shown| match shown {
                Shown::Full { counts, .. } => Some(counts[bucket]),
                _ => None,
            });
            let rest = all - told.sum::<u32>();
            assert!(!(1..5).contains(&rest), "seed {seed}: {rest} in bucket {bucket}: {shown:?}");
            compared += 1;
        }
    }
    assert!(compared > 500, "only {compared} buckets were compared");
}

/// Fourteen groups of 41 to 900, 28 questions: the size of a real course evaluation.
#[test]
fn a_large_round_is_shown_in_full() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let names: Vec<String> = (0..14).map(|group| format!("group {group:02}")).collect();
    let mut owned: Vec<(&str, Vec<Option<u16>>)> = Vec::new();
    for (index, name) in (0_u32..).zip(&names) {
        for _ in 0..41 + index * 61 {
            let answer = |_| Some(u16::try_from((dice.below(9) + dice.below(2)) / 2).unwrap());
            owned.push((name, (0..28).map(answer).collect()));
        }
    }
    let rows: Vec<Row<'_>> = owned.iter().map(|(group, answers)| Row { group, answers }).collect();
    let publication = publish(round(), 5, &[FIVE_POINT; 28], &rows);
    let full = |shown: &&Cell| matches!(shown.shown, Shown::Full { .. });
    for question in &publication.questions {
        assert!(full(&&question.cells[0]), "question {}", question.question);
        assert!(question.cells.iter().filter(full).count() >= 13);
        assert!(question.cells.iter().all(|cell| cell.shown != Shown::Hidden));
    }
}

// --- By hand ------------------------------------------------------------------------------

#[test]
fn a_large_table_is_shown_in_full_with_exact_statistics() {
    let table = vec![vec![10, 20, 30, 20, 10], vec![6, 7, 8, 9, 10]];
    let shown = shown(5, FIVE_POINT, &table);
    assert_eq!(
        shown[0],
        Shown::Full {
            n: 130,
            counts: vec![16, 27, 38, 29, 20],
            mean_millionths: 3_076_923,
            deviation_millionths: 1_237_960,
        }
    );
    assert_eq!(
        shown[1],
        Shown::Full {
            n: 90,
            counts: vec![10, 20, 30, 20, 10],
            mean_millionths: 3_000_000,
            deviation_millionths: 1_154_701,
        }
    );
    assert!(matches!(shown[2], Shown::Full { n: 40, .. }));
}

#[test]
fn one_small_group_hides_the_next_smallest_too() {
    let table = vec![vec![1, 1, 1, 0, 0], vec![5, 5, 5, 5, 5], vec![9; 5], vec![8; 5]];
    let shown = shown(5, FIVE_POINT, &table);
    assert_eq!(hidden(&shown), [false, true, true, false, false]);
    assert!(matches!(shown[0], Shown::Full { n: 113, .. }));
}

#[test]
fn two_small_groups_that_reach_the_floor_cover_each_other() {
    let table = vec![vec![2, 1, 0, 1, 0], vec![0, 2, 1, 0, 1], vec![9; 5], vec![8; 5]];
    let shown = shown(3, FIVE_POINT, &table);
    assert!(matches!(shown[3], Shown::Full { .. }));
    let table = vec![vec![3, 0, 0, 0, 1], vec![1, 0, 0, 0, 3], vec![9; 5], vec![8; 5]];
    let shown = self::shown(5, FIVE_POINT, &table);
    assert!(shown[1] == Shown::Hidden && shown[2] == Shown::Hidden);
}

#[test]
fn two_groups_of_one_person_take_a_third_with_them() {
    let table = vec![vec![1, 0, 0, 0, 0], vec![0, 0, 0, 0, 1], vec![9; 5], vec![8; 5]];
    let shown = shown(5, FIVE_POINT, &table);
    assert_eq!(hidden(&shown), [false, true, true, false, true]);
}

#[test]
fn a_unanimous_group_is_hidden_at_any_size() {
    let table = vec![vec![0, 0, 500, 0, 0], vec![90; 5], vec![80; 5], vec![70; 5]];
    let shown = shown(5, FIVE_POINT, &table);
    assert_eq!(hidden(&shown), [false, true, false, false, true]);
}

#[test]
fn a_unanimous_round_shows_nothing() {
    let table = vec![vec![0, 0, 50, 0, 0], vec![0, 0, 60, 0, 0]];
    assert_eq!(hidden(&shown(5, FIVE_POINT, &table)), [true, true, true]);
}

#[test]
fn fewer_responses_than_the_floor_show_nothing() {
    let table = vec![vec![1, 1, 0, 0, 0], vec![0, 1, 1, 0, 0]];
    assert_eq!(hidden(&shown(5, FIVE_POINT, &table)), [true, true, true]);
}

#[test]
fn a_group_that_answered_nothing_is_hidden() {
    let tables = [vec![vec![6, 6, 6, 6, 6], vec![0; 5], vec![9; 5]], vec![vec![6; 5]; 3]];
    let publication = publish_all(5, FIVE_POINT, &tables);
    // Otherwise everyone could read that each of them said "not applicable".
    assert_eq!(publication.questions[0].cells[2].shown, Shown::Hidden);
    assert!(matches!(publication.questions[1].cells[2].shown, Shown::Full { .. }));
}

#[test]
fn nobody_at_all_is_a_count_of_zero() {
    let publication = publish(round(), 5, &[FIVE_POINT], &[]);
    assert_eq!(publication.responses, 0);
    let cells = vec![Cell { group: None, shown: Shown::Count { n: 0 } }];
    assert_eq!(publication.questions, [QuestionResult { question: 0, cells }]);
}

#[test]
fn a_small_bucket_leaves_mean_and_deviation_and_takes_a_partner() {
    let table = vec![vec![9, 9, 9, 10, 4], vec![21, 16, 25, 22, 15], vec![50; 5]];
    let shown = shown(5, FIVE_POINT, &table);
    assert!(matches!(shown[0], Shown::Full { .. }));
    // The second group could show everything, but then subtraction would give the first.
    assert!(matches!(shown[1], Shown::Moments { n: 41, .. }));
    assert!(matches!(shown[2], Shown::Moments { n: 99, .. }));
    assert!(matches!(shown[3], Shown::Full { .. }));
}

#[test]
fn a_small_bucket_without_scores_hides_a_rectangle() {
    let table = vec![vec![2, 9, 9, 9], vec![20, 21, 22, 23], vec![50; 4]];
    let shown = shown(5, CHOICE, &table);
    let pattern = |shown: &Shown| match shown {
        Shown::Distribution { counts, .. } => {
            counts.iter().map(|bucket| *bucket == Bucket::Hidden).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(pattern(&shown[0]), [false; 4]);
    assert_eq!(pattern(&shown[1]), [true, true, false, false]);
    assert_eq!(pattern(&shown[2]), [true, true, false, false]);
    assert_eq!(pattern(&shown[3]), [false; 4]);
}

#[test]
fn open_text_shows_how_many_and_no_more() {
    let table = vec![vec![12], vec![9], vec![7]];
    let count = |n| Shown::Count { n };
    assert_eq!(shown(5, OPEN, &table), [count(28), count(12), count(9), count(7)]);
    let table = vec![vec![12], vec![9], vec![3]];
    assert_eq!(hidden(&shown(5, OPEN, &table)), [false, false, true, true]);
}

#[test]
fn the_same_groups_cover_a_small_one_in_every_question() {
    // In the second question C is unanimous and hides; B must not come back for that.
    let tables = [
        vec![vec![1, 1, 1, 0, 0], vec![6; 5], vec![7; 5], vec![8; 5]],
        vec![vec![1, 1, 1, 0, 0], vec![6; 5], vec![0, 35, 0, 0, 0], vec![8; 5]],
    ];
    let publication = publish_all(5, FIVE_POINT, &tables);
    for question in &publication.questions {
        assert_eq!(question.cells[1].shown, Shown::Hidden);
        assert_eq!(question.cells[2].shown, Shown::Hidden);
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    for seed in seeds(50) {
        let mut dice = Dice(seed);
        let tables = [dice.table(4, 5, 20), dice.table(4, 5, 20)];
        let mut owned = answers(&tables);
        let publish = |owned: &[(&'static str, Vec<Option<u16>>)]| {
            let rows: Vec<Row<'_>> =
                owned.iter().map(|(group, answers)| Row { group, answers }).collect();
            publish(round(), 5, &[FIVE_POINT; 2], &rows)
        };
        let first = publish(&owned);
        assert_eq!(first, publish(&owned));
        for last in (1..owned.len()).rev() {
            let other = dice.below(u32::try_from(last + 1).unwrap());
            owned.swap(last, other as usize);
        }
        assert_eq!(first, publish(&owned), "seed {seed}");
    }
}

#[test]
fn a_row_of_the_wrong_length_answers_nothing_there() {
    let long = [Some(0), Some(1), Some(2)];
    let strange = [Some(9)];
    let mut rows = vec![Row { group: "A", answers: &[] }, Row { group: "A", answers: &strange }];
    rows.extend([Row { group: "A", answers: &long }; 3]);
    rows.extend([Row { group: "A", answers: &[Some(1)] }; 4]);
    let publication = publish(round(), 3, &[FIVE_POINT], &rows);
    assert_eq!(publication.responses, 9);
    assert!(matches!(publication.questions[0].cells[0].shown, Shown::Full { n: 7, .. }));
}

#[test]
fn statistics_round_half_up() {
    // 1 and 2: mean 1.5, deviation 0.5; 1, 1, 2: mean 4/3, deviation sqrt(2)/3.
    let of = |row: &[u32]| {
        let moments = Moments::of(row);
        (moments.mean_millionths(), moments.deviation_millionths())
    };
    assert_eq!(of(&[1, 1]), (1_500_000, 500_000));
    assert_eq!(of(&[2, 1]), (1_333_333, 471_405));
    assert_eq!(of(&[1, 2]), (1_666_667, 471_405));
    assert_eq!(of(&[0, 0]), (0, 0));
    // 1 of 64 differs: 1/64 = 0.015625 exactly; of 128: 0.0078125 rounds up.
    assert_eq!(of(&[127, 1]).0, 1_007_813);
}

// --- Two publications ---------------------------------------------------------------------

/// Three groups, large enough to be shown in full.
fn large() -> Counts {
    vec![vec![20; 5], vec![30; 5], vec![40; 5]]
}

fn publication(table: &Counts) -> Publication {
    publish_all(5, FIVE_POINT, std::slice::from_ref(table))
}

#[test]
fn one_person_fewer_is_too_close() {
    let mut later = large();
    later[1][2] -= 1;
    let (earlier, later) = (publication(&large()), publication(&later));
    assert!(too_close(&earlier, &later, &[Some("B")]));
    assert!(too_close(&earlier, &later, &[None]));
    assert!(!too_close(&earlier, &earlier, &[]));
}

#[test]
fn an_exchange_of_one_person_is_too_close_although_the_numbers_agree() {
    let earlier = publication(&large());
    assert!(too_close(&earlier, &earlier, &[Some("B"), Some("B")]));
}

#[test]
fn a_whole_floor_in_every_bucket_that_changes_is_apart() {
    let mut later = large();
    later[1][2] -= 5;
    later[1][3] -= 6;
    let (earlier, later) = (publication(&large()), publication(&later));
    assert!(!too_close(&earlier, &later, &[Some("B"); 11]));
    assert!(!too_close(&earlier, &later, &[None; 11]));
}

#[test]
fn a_floor_of_people_who_all_said_the_same_is_too_close() {
    let mut later = large();
    later[1][2] -= 11;
    let (earlier, later) = (publication(&large()), publication(&later));
    assert!(too_close(&earlier, &later, &[Some("B"); 11]));
}

#[test]
fn a_floor_of_people_over_two_groups_is_too_close() {
    let mut later = large();
    later[1][2] -= 3;
    later[2][2] -= 3;
    let (earlier, later) = (publication(&large()), publication(&later));
    let changed = [[Some("B"); 3], [Some("C"); 3]].concat();
    assert!(too_close(&earlier, &later, &changed));
    assert!(too_close(&earlier, &later, &[None; 6]));
}

#[test]
fn a_cell_hidden_in_one_of_them_is_too_close() {
    let mut later = large();
    later[0] = vec![0, 0, 20, 0, 0];
    let (earlier, later) = (publication(&large()), publication(&later));
    assert!(too_close(&earlier, &later, &[Some("A"); 80]));
}

/// Nobody sees how the hidden pair changed, except by subtracting the others from everyone.
#[test]
fn a_hidden_rest_that_changes_by_one_is_too_close() {
    let before = vec![vec![1, 1, 1, 0, 0], vec![20; 5], vec![60; 5], vec![70; 5]];
    let mut after = before.clone();
    after[1][0] -= 1;
    after[2][1] -= 5;
    after[2][2] -= 5;
    let (earlier, later) = (publication(&before), publication(&after));
    assert_eq!(later.questions[0].cells[2].shown, Shown::Hidden);
    assert!(too_close(&earlier, &later, &[None; 11]));
    after[1] = before[1].clone();
    assert!(!too_close(&earlier, &publication(&after), &[None; 10]));
}

#[test]
fn another_floor_or_another_round_is_not_compared_number_by_number() {
    let table = large();
    let earlier = publication(&table);
    let lower = publish_all(3, FIVE_POINT, std::slice::from_ref(&table));
    assert!(too_close(&earlier, &lower, &[]));
    let elsewhere = Publication { round: RoundId::from_bytes([8; 16]), ..lower };
    assert!(!too_close(&earlier, &elsewhere, &[Some("B")]));
}
