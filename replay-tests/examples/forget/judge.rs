//! Compares what opens with what must, and seeks what must be nowhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use replay_tests::bundle::{Part, sealed_parts};
use replay_tests::files::files_below;
use replay_tests::needles;
use replay_tests::oracle::{Key, Keys, Look, read_bytes};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::holder::{Holders, RECIPIENTS};
use crate::known::{Gone, Known};
use crate::marks;
use crate::product::Product;

/// One installation under judgement.
pub(crate) struct Judge<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) product: Product,
    pub(crate) known: Known,
    pub(crate) gone: Gone,
    /// Numbers of people who may be there.
    pub(crate) numbers: Vec<u64>,
    exports: usize,
    holders: Holders,
}

/// One reading of all files.
pub(crate) struct Reading {
    pub(crate) keys: Keys,
    pub(crate) parts: Vec<Part>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(arguments: &'a Arguments, data: PathBuf) -> Self {
        let numbers = (0..arguments.people).chain((1 << 32)..(1 << 32) + arguments.mass).collect();
        Self {
            arguments,
            product: Product::new(data, arguments),
            known: Known::default(),
            gone: Gone::default(),
            numbers,
            exports: 0,
            holders: Holders::new(),
        }
    }

    /// Loads the installation.
    pub(crate) fn load(&self) {
        let beside = self.product.data.parent().unwrap();
        std::fs::write(beside.join(RECIPIENTS), self.holders.recipients()).unwrap();
        let Arguments { seed, people, rounds, mass, .. } = self.arguments;
        let numbers = [*seed, *people, *rounds, *mass].map(|number| number.to_string());
        let words: Vec<&str> =
            std::iter::once("load").chain(numbers.iter().map(String::as_str)).collect();
        self.product.work(&words);
    }

    /// Exports a bundle, reads every file, and learns.
    pub(crate) fn read(&mut self) -> Reading {
        let out = self.arguments.directory.join(format!("bundle-{}", self.exports));
        self.exports += 1;
        self.product.work(&["export", out.to_str().unwrap()]);
        self.read_with(&out)
    }

    pub(crate) fn read_with(&mut self, bundle: &Path) -> Reading {
        let keys = self.keys_of(self.files());
        eprintln!("{:?}", keys.figures);
        let parts = sealed_parts(bundle);
        let numbers = self.numbers.iter().copied();
        self.known.learn(&keys, &parts, self.arguments.seed, numbers);
        Reading { keys, parts }
    }

    /// What stands in every file of the installation.
    pub(crate) fn files(&self) -> Vec<Vec<u8>> {
        let files = files_below(&self.product.data).into_iter();
        files.map(|file| std::fs::read(file).unwrap()).collect()
    }

    /// Everything that files lead to, with the sealed roots in them opened by a holder.
    fn keys_of(&self, mut files: Vec<Vec<u8>>) -> Keys {
        let sealed: Vec<Vec<u8>> = files.iter().flat_map(|file| self.holders.open(file)).collect();
        let roots = sealed.len();
        files.extend(sealed);
        let mut keys = read_bytes(&files, Look::AtVersions);
        keys.figures.sealed_roots = roots;
        keys
    }

    /// Erased parts that open, and others that do not.
    pub(crate) fn compare(&self, keys: &Keys, parts: &[Part]) -> Value {
        let doomed = self.known.doomed(&self.gone, parts);
        let opened: BTreeSet<_> =
            parts.iter().filter(|part| keys.open(part).is_some()).map(Part::place).collect();
        json!({
            "parts": parts.len(),
            "erased_parts": doomed.len(),
            "open_parts": opened.len(),
            "erased_that_open": opened.intersection(&doomed).count(),
            "others_that_do_not": parts.len() - doomed.union(&opened).count(),
            "page_keys_tried": keys.nodes.len(),
            "places": keys.figures.places,
            "pages": keys.figures.pages,
            "pages_under_keys_not_renewed": keys.figures.stale,
            "tries": keys.figures.tries,
            "sealed_roots": keys.figures.sealed_roots,
            "pieces_of_snapshots": keys.snapshots.len(),
        })
    }

    /// Every key that must be nowhere in clear any more: all that were ever drawn, except what the
    /// slots still lead to; the message keys of closed pages and parts; what hung on old roots.
    pub(crate) fn dead_keys(&self, now: &Reading) -> Vec<Vec<u8>> {
        let live = now.keys.all();
        let drawn: BTreeSet<Key> = self.product.drawn().into_iter().collect();
        let mut dead: BTreeSet<Key> = drawn.difference(&live).copied().collect();
        let doomed = self.known.doomed(&self.gone, &now.parts);
        dead.extend(doomed.iter().filter_map(|place| self.known.part_keys.get(place)));
        let open: BTreeSet<Key> = now.keys.page_keys.iter().copied().collect();
        dead.extend(self.known.page_keys.difference(&open));
        dead.into_iter().map(|key| key.to_vec()).collect()
    }

    /// The words of everybody who was erased.
    pub(crate) fn words(&self) -> Vec<Vec<u8>> {
        let numbers = self.gone.people.iter().filter_map(|person| self.known.people.get(person));
        numbers.flat_map(|number| marks::words(self.arguments.seed, *number)).collect()
    }

    /// What still opens is searched for the erased: their words, and the ids of their pseudonyms.
    pub(crate) fn opened(&self, reading: &Reading) -> Value {
        let words = self.words();
        let pseudonyms: Vec<Vec<u8>> = {
            let ids = self.known.pseudonyms_of(&self.gone.people);
            ids.into_iter().map(|id| id.to_vec()).collect()
        };
        let contents = reading.parts.iter().filter_map(|part| reading.keys.open(part));
        // One text of all, so that the tables of the needles are made once.
        let snapshots = reading.keys.snapshots.iter().cloned();
        let contents = contents.chain(snapshots);
        let text: Vec<u8> = contents.flat_map(|content| [content, vec![0]].concat()).collect();
        json!({
            "bytes": text.len(),
            "words_sought": words.len(),
            "words_found": needles::find_in(&words, &text).len(),
            "pseudonyms_sought": pseudonyms.len(),
            "pseudonyms_found": needles::find_in(&pseudonyms, &text).len(),
        })
    }

    /// Raw bytes of dead keys and of erased words, in every file.
    pub(crate) fn raw(&self, dead: &[Vec<u8>]) -> Value {
        let places: [&Path; 1] = [&self.product.data];
        let files = files_below(&self.product.data);
        let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        let of_keys = needles::find(dead, &places);
        of_keys.iter().take(5).for_each(|hit| eprintln!("dead key: {hit:?}"));
        let of_words = needles::find(&self.words(), &places);
        of_words.iter().take(5).for_each(|hit| eprintln!("word: {hit:?}"));
        json!({
            "files": files.len(),
            "bytes": bytes,
            "dead_keys_sought": dead.len(),
            "dead_keys_found": of_keys.len(),
            "words_found": of_words.len(),
        })
    }

    /// The same on a whole disk, free blocks included, and everything that opens from it.
    ///
    /// The files stand before their disk: a page whose blocks lie apart there is whole in its file.
    pub(crate) fn disk(
        &self,
        mut files: Vec<Vec<u8>>,
        image: Vec<u8>,
        now: &Reading,
        dead: &[Vec<u8>],
    ) -> Value {
        let of_keys = needles::find_in(dead, &image);
        of_keys.iter().take(5).for_each(|hit| eprintln!("dead key on disk: {hit:?}"));
        let of_words = needles::find_in(&self.words(), &image);
        let live: Vec<Vec<u8>> = now.keys.all().into_iter().map(|key| key.to_vec()).collect();
        let live_found = needles::find_in(&live, &image);
        let bytes = image.len();
        files.push(image);
        let compared = self.compare(&self.keys_of(files), &now.parts);
        json!({
            "bytes": bytes,
            "dead_keys_sought": dead.len(),
            "dead_keys_found": of_keys.len(),
            "words_found": of_words.len(),
            "copies_of_live_keys_found": live_found.len(),
            "opened_with_it": compared,
        })
    }

    /// Whether every key in the tree is another one.
    pub(crate) fn shared_keys(&self) -> usize {
        let drawn = self.product.drawn();
        let different: BTreeSet<&Key> = drawn.iter().collect();
        drawn.len() - different.len()
    }
}

/// Counts that must be zero, wherever they stand in some figures.
pub(crate) fn findings(figures: &Value) -> u64 {
    const ZERO: [&str; 8] = [
        "erased_that_open",
        "others_that_do_not",
        "pages_under_keys_not_renewed",
        "words_found",
        "pseudonyms_found",
        "dead_keys_found",
        "keys_drawn_twice",
        "controls_missing",
    ];
    let Some(map) = figures.as_object() else { return 0 };
    let of = |(name, value): (&String, &Value)| match value.as_u64() {
        Some(count) if ZERO.contains(&name.as_str()) => count,
        _ => findings(value),
    };
    map.iter().map(of).sum()
}

/// Prints them, and whether nothing was found.
pub(crate) fn report(mut figures: Value, arguments: &Arguments) -> bool {
    let found = findings(&figures);
    figures["seed"] = arguments.seed.into();
    figures["mistake"] = arguments.mistake.clone().into();
    figures["findings"] = found.into();
    println!("{}", serde_json::to_string_pretty(&figures).unwrap());
    found == 0
}
