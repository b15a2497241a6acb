//! Backup, erasure, scope end and restore in any order: nobody comes back, everybody opens whose
//! leaf is in the restored pages, the others are stated lost, and the history is declared.
//!
//! Short form: 20 interleavings. Long form (docs/reliability.md): `ZEGEL_RESTORES=300`. A failure
//! prints its seed; `ZEGEL_RESTORES_SEED` runs that one alone. Nothing here is about syncs, so the
//! installations stand in memory where the system has a place for that.

mod drill;
mod leftovers;
mod oracle;
mod refusals;
mod site;

use std::collections::BTreeMap;

use engine::{RestoreError, RestoreReport};
use evidence::{Options, Verdict, verify};
use record::note::Vkey;

use oracle::{Expected, Image, Known};
use site::Site;

use crate::support::copy_tree;

const SHORT: u64 = 20;
const FIRST_SEED: u64 = 7_000;
const STEPS: usize = 60;
const TENANTS: usize = 2;
/// Old copies that are kept to restore from.
const IMAGES_MAX: usize = 4;

/// What a run came to.
#[derive(Debug, Default)]
struct Figures {
    restores: u64,
    older: u64,
    refused: u64,
    /// Restores that left records of a history given up earlier.
    cut_short: u64,
    /// Keys that came back for somebody who was erased while they were lost, and were cut too.
    swept: u64,
    erased: u64,
    ended_scopes: u64,
    parts: BTreeMap<&'static str, u64>,
    checkpoints: BTreeMap<&'static str, u64>,
    problems: u64,
}

/// One installation, what is known of it, and copies of its backups and escrow.
struct Run {
    site: Site,
    tenants: Vec<Known>,
    backups: Vec<Image>,
    escrows: Vec<Image>,
    figures: Figures,
    /// Every restore ever: the era, and where it began.
    begun: Vec<BTreeMap<u32, u64>>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut site = Site::new(seed);
        let tenants = (0..TENANTS).map(|number| Known::start(&mut site, number)).collect();
        let begun = vec![BTreeMap::new(); TENANTS];
        let (backups, escrows, figures) = (Vec::new(), Vec::new(), Figures::default());
        let mut run = Self { site, tenants, backups, escrows, figures, begun };
        run.copy_escrow();
        run.back_up();
        run
    }

    /// Carries out steps, a restore among them at the latest at the end; gives what was found wrong.
    fn go(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        for step in 0..STEPS {
            let tenant = self.site.dice.below(TENANTS);
            match self.site.dice.below(20) {
                0..=5 => self.tenants[tenant].register(&mut self.site),
                6..=9 => self.tenants[tenant].respond(&mut self.site),
                10 => self.tenants[tenant].link(&mut self.site),
                11 => self.tenants[tenant].open_round(&mut self.site),
                12 | 13 => {
                    self.figures.erased += u64::from(self.tenants[tenant].erase(&mut self.site));
                }
                14 => {
                    let ended = self.tenants[tenant].end_scope(&mut self.site);
                    self.figures.ended_scopes += u64::from(ended);
                }
                15 | 16 => self.back_up(),
                17 => self.copy_escrow(),
                18 => self.site.reopen(),
                _ => problems.extend(self.restore()),
            }
            if step + 1 == STEPS {
                problems.extend(self.restore());
            }
        }
        self.figures.problems += u64::try_from(problems.len()).unwrap();
        problems
    }

    /// A further run into the one backup directory, of which a copy is kept.
    fn back_up(&mut self) {
        let to = self.site.file("backup");
        if let Err(error) = self.site.engine().backup(&to, true, &mut |_| {}) {
            // After a restore to an older point the directory holds another history: a new one.
            assert!(error.to_string().contains("another history"), "{error}");
            std::fs::remove_dir_all(&to).unwrap();
            self.site.engine().backup(&to, true, &mut |_| {}).unwrap();
        }
        for tenant in &mut self.tenants {
            tenant.note(&mut self.site);
            tenant.shipped();
        }
        let image = self.image("backup");
        self.backups.push(image);
        if self.backups.len() > IMAGES_MAX {
            let forgotten = 1 + self.site.dice.below(IMAGES_MAX - 1);
            self.backups.remove(forgotten);
        }
    }

    fn copy_escrow(&mut self) {
        let image = self.image("escrow");
        self.escrows.push(image);
        if self.escrows.len() > IMAGES_MAX {
            let forgotten = 1 + self.site.dice.below(IMAGES_MAX - 1);
            self.escrows.remove(forgotten);
        }
    }

    fn image(&mut self, name: &str) -> Image {
        let from = self.site.file(name);
        let to = self.site.fresh(name);
        copy_tree(&from, &to);
        let pages = self.tenants.iter().map(|tenant| match name {
            "escrow" => tenant.escrowed(&from),
            _ => tenant.held_now(&mut self.site),
        });
        let pages = pages.collect();
        Image { directory: to, pages, known: self.tenants.clone() }
    }

    /// The machine is lost, with its keys or without; what comes back is judged.
    fn restore(&mut self) -> Vec<String> {
        self.tenants.iter_mut().for_each(|tenant| tenant.note(&mut self.site));
        let keys_survive = self.site.dice.below(4) == 0;
        let now: Vec<_> =
            self.tenants.iter().map(|tenant| tenant.held_now(&mut self.site)).collect();
        self.copy_escrow();
        self.site.lose(keys_survive);
        let newest = (self.backups.len() - 1, self.escrows.len() - 1);
        let older = self.site.dice.below(3) > 0;
        let (mut backup, mut escrow) = match older {
            true => {
                let any = |site: &mut Site, images: usize| site.dice.below(images);
                (any(&mut self.site, self.backups.len()), any(&mut self.site, self.escrows.len()))
            }
            false => newest,
        };
        let with_escrow = !keys_survive || self.site.dice.below(2) == 0;
        self.figures.restores += 1;
        self.figures.older += u64::from((backup, escrow) != newest);
        let slots = keys_survive.then_some(&now[..]);
        let mut expected = self.expected(backup, with_escrow.then_some(escrow), slots);
        let mut done = self.put_back(backup, with_escrow.then_some(escrow));
        if expected.iter().any(Option::is_none) {
            let said = done.as_ref().map(|_| ()).map_err(ToString::to_string);
            assert!(matches!(done, Err(RestoreError::NoKeys { .. })), "{said:?}");
            self.figures.refused += 1;
            (backup, escrow) = newest;
            expected = self.expected(backup, Some(escrow), slots);
            done = self.put_back(backup, Some(escrow));
        }
        let report = done.unwrap_or_else(|error| panic!("a sound pair was refused: {error}"));
        self.judge(&report, expected)
    }

    fn put_back(
        &mut self,
        backup: usize,
        escrow: Option<usize>,
    ) -> Result<RestoreReport, RestoreError> {
        let backup = self.backups[backup].directory.clone();
        let escrow = escrow.map(|escrow| self.escrows[escrow].directory.clone());
        self.site.restore(&backup, escrow.as_deref())
    }

    /// What must come back: the records of the backup, and the keys of the best pair of root and
    /// pages; `None` without such a pair.
    fn expected(
        &self,
        backup: usize,
        escrow: Option<usize>,
        slots: Option<&[oracle::Pages]>,
    ) -> Vec<Option<Expected>> {
        let of_tenant = |number: usize| {
            let mut pages = vec![&self.backups[backup].pages[number]];
            let mut roots: Vec<u64> = slots.iter().map(|slots| slots[number].epoch).collect();
            if let Some(escrow) = escrow {
                pages.push(&self.escrows[escrow].pages[number]);
                roots.push(self.escrows[escrow].pages[number].epoch);
            }
            let open = pages.into_iter().filter(|pages| roots.contains(&pages.epoch));
            let best = open.max_by_key(|pages| (pages.epoch, pages.size))?;
            let known = &self.backups[backup].known[number];
            let expected = known.restored(best, &self.tenants[number], &self.begun[number]);
            Some(expected)
        };
        (0..TENANTS).map(of_tenant).collect()
    }

    fn judge(&mut self, report: &RestoreReport, expected: Vec<Option<Expected>>) -> Vec<String> {
        let mut problems = Vec::new();
        for (number, expected) in expected.into_iter().enumerate() {
            let Expected { known, cut_short, swept } = expected.expect("a pair of root and pages");
            self.figures.cut_short += u64::from(cut_short);
            self.figures.swept += swept;
            let id = known.id;
            let line = report.journals.iter().find(|line| line.journal == id.to_string());
            let line = line.expect("every journal is reported");
            self.begun[number].insert(line.era, line.records);
            self.tenants[number] = known;
            let tenant = &mut self.tenants[number];
            tenant.restores.push((line.era, line.records));
            if line.records != tenant.size {
                problems.push(format!("{} records came back, not {}", line.records, tenant.size));
            }
            problems.extend(tenant.judge(&mut self.site, line, &mut self.figures.parts));
        }
        self.site.reopen();
        problems.extend(self.judge_bundles());
        problems
    }

    /// Every bundle verifies, replay is good, and checkpoints of before are answered truly.
    fn judge_bundles(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        let key = Vkey::parse(&self.site.engine().vkey()).unwrap();
        for number in 0..TENANTS {
            let id = self.tenants[number].id;
            let check = self.site.engine().replay_check(id, None, &mut |_| {}).unwrap();
            if !check.verdict.is_good() {
                problems.push(format!("replay: {:?}", check.verdict));
            }
            let bundle = self.site.fresh("bundle");
            self.site.engine().export_bundle(id, &bundle, &mut |_, _| {}).unwrap();
            let plain = verify(&bundle, &Options { key: Some(key.clone()), previous: None });
            if plain.exit_code != 0 {
                problems.push(format!("bundle: {}", plain.to_text()));
            }
            let tenant = &self.tenants[number];
            if plain.restores.len() != tenant.restores.len() {
                problems.push(format!("{} restores declared", plain.restores.len()));
            }
            let lost = tenant.count_stated_lost();
            if plain.readability.stated_lost != lost {
                let stated = plain.readability.stated_lost;
                problems.push(format!("{stated} parts stated lost, {lost} are"));
            }
            for note in self.tenants[number].some_notes(&mut self.site) {
                let previous = Some(note.text.clone());
                let report = verify(&bundle, &Options { key: Some(key.clone()), previous });
                let expected = self.tenants[number].verdict_of(&note);
                let word = match report.verdict {
                    Verdict::Intact | Verdict::IntactWithErasures => "prefix",
                    Verdict::Incomplete => "lost range named",
                    _ => "another",
                };
                let named = |rule: &str| report.findings.iter().any(|found| found.rule == rule);
                let lost = word == "lost range named" && !named("previous-lost");
                if word != expected || lost {
                    let said = report.to_text();
                    problems.push(format!("checkpoint {note:?}: {word}, not {expected}: {said}"));
                }
                *self.figures.checkpoints.entry(word).or_default() += 1;
            }
            std::fs::remove_dir_all(&bundle).unwrap();
        }
        problems
    }
}

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    match number("ZEGEL_RESTORES_SEED") {
        Some(seed) => vec![seed],
        None => {
            let count = number("ZEGEL_RESTORES").unwrap_or(SHORT);
            (FIRST_SEED..FIRST_SEED + count).collect()
        }
    }
}

#[test]
fn nobody_comes_back_whatever_is_restored() {
    let mut sum = Figures::default();
    for seed in seeds() {
        let mut run = Run::new(seed);
        let problems = run.go();
        assert!(problems.is_empty(), "seed {seed}: {problems:#?}");
        let figures = run.figures;
        sum.restores += figures.restores;
        sum.older += figures.older;
        sum.refused += figures.refused;
        sum.cut_short += figures.cut_short;
        sum.swept += figures.swept;
        sum.erased += figures.erased;
        sum.ended_scopes += figures.ended_scopes;
        for (word, count) in figures.parts {
            *sum.parts.entry(word).or_default() += count;
        }
        for (word, count) in figures.checkpoints {
            *sum.checkpoints.entry(word).or_default() += count;
        }
    }
    eprintln!("{} interleavings from seed {FIRST_SEED}: {sum:?}", seeds().len());
}

/// The control: a guard as old as the backup does not know the erasures since, and a restore that
/// is held to it brings somebody back. The checks see it, and so does whoever holds a checkpoint.
#[test]
fn without_the_fences_of_the_guard_somebody_comes_back_and_is_seen() {
    let mut seen = [0; 3];
    for seed in 0..5 {
        let mut run = Run::new(9_000 + seed);
        for _ in 0..4 {
            run.tenants[0].register(&mut run.site);
        }
        run.back_up();
        run.copy_escrow();
        let (backup, escrow) = (run.backups.len() - 1, run.escrows.len() - 1);
        let old_guard = run.site.fresh("guard-copy");
        copy_tree(&run.site.paths.guard, &old_guard);
        assert!(run.tenants[0].erase(&mut run.site), "somebody is erased");
        run.tenants[0].note(&mut run.site);
        let newest = run.tenants[0].newest_note();
        let expected = |run: &Run| run.expected(backup, Some(escrow), None);

        // With the guard of then, somebody comes back.
        let guard = run.site.fresh("guard-now");
        copy_tree(&run.site.paths.guard, &guard);
        run.site.lose(false);
        let wanted = expected(&run);
        run.site.swap_guard(&old_guard);
        let report = run.put_back(backup, Some(escrow)).unwrap();
        let problems = run.judge(&report, wanted);
        seen[0] += usize::from(problems.iter().any(|problem| problem.contains("came back")));
        let bundle = run.site.fresh("bundle");
        let id = run.tenants[0].id;
        run.site.engine().export_bundle(id, &bundle, &mut |_, _| {}).unwrap();
        let key = Vkey::parse(&run.site.engine().vkey()).ok();
        let told = verify(&bundle, &Options { key, previous: Some(newest.text.clone()) });
        let hidden = told.findings.iter().any(|found| found.rule == "previous-hidden");
        seen[1] += usize::from(hidden && told.verdict == Verdict::Tampered);

        // As it must be: with the guard of now nobody does.
        run.site.lose(false);
        run.site.swap_guard(&guard);
        let wanted = expected(&run);
        let report = run.put_back(backup, Some(escrow)).unwrap();
        let problems = run.judge(&report, wanted);
        seen[2] += usize::from(!problems.is_empty());
    }
    let [back, told, sound] = seen;
    eprintln!(
        "5 runs: with an older guard {back} brought somebody back and were seen, {told} of them by \
         an auditor too; with the guard {sound}"
    );
    assert_eq!(seen, [5, 5, 0]);
}
