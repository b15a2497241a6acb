//! The memory of a running server after it erased: no dead key and no word of the erased is left.
//!
//! The server is the product's own HTTP edge and writer; answers come over HTTP, erasures by order.
//! Its whole writable memory is read as root, as a core file would hold it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use replay_tests::bundle::Id;
use replay_tests::memory::{Region, of_process};
use replay_tests::needles;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::judge::{Judge, Reading, report};
use crate::marks;
use crate::product::Product;
use crate::scale::hex;
use crate::serve::TOKEN;

/// People who come and go while the server runs.
const PEOPLE: u64 = 20;
/// Their numbers, and those of who answers over HTTP.
const FIRST_PERSON: u64 = 1 << 41;
const FIRST_CALLER: u64 = 1 << 42;
/// An idle connection lives ten seconds.
const IDLE: Duration = Duration::from_secs(15);

/// `None` if the memory of another process cannot be read here.
pub(crate) fn run(arguments: &Arguments) -> Option<bool> {
    std::fs::create_dir_all(&arguments.directory).unwrap();
    let mut judge = Judge::new(arguments, arguments.directory.join("data"));
    judge.load();
    let mut server = Server::start(&judge.product);
    if server.memory().is_none() {
        println!("skipped: the memory of a server; it takes root to read another process");
        return None;
    }
    let seed = arguments.seed;
    for number in FIRST_PERSON..FIRST_PERSON + PEOPLE {
        server.order(&format!("person {seed} {number}"));
        judge.numbers.push(number);
    }
    let callers: Vec<u64> = (FIRST_CALLER..FIRST_CALLER + PEOPLE).collect();
    callers.iter().for_each(|number| drop(server.answer(seed, *number)));
    // This one stays connected, with its request in the server's buffer.
    let mut open = server.answer(seed, FIRST_CALLER + PEOPLE);
    let before = server.read(&mut judge, "bundle-before");
    let pseudonyms = pseudonyms(&before, seed, FIRST_CALLER..=FIRST_CALLER + PEOPLE);

    let control = erase_people(&mut judge, &mut server, &before, &pseudonyms);
    let after = server.read(&mut judge, "bundle-after");
    let dead = judge.dead_keys(&after);
    let words = judge.words().into_iter();
    let callers = callers.iter().flat_map(|number| marks::words(seed, *number));
    let words: Vec<Vec<u8>> = words.chain(callers).collect();
    let kept = vec![marks::mark("Qa", seed, FIRST_CALLER + PEOPLE).into_bytes()];
    let while_open = needles_in(&server.memory().unwrap(), &kept);
    let memory = server.memory().unwrap();
    let mut figures = json!({
        "control": control,
        "after": judge.compare(&after.keys, &after.parts),
        "memory": searched(&memory, &dead, &words),
        "copies_of_a_request_while_its_connection_is_idle": while_open.len(),
    });
    drop(memory);
    let mut rest = Vec::new();
    open.set_read_timeout(Some(IDLE)).unwrap();
    let closed = open.read_to_end(&mut rest);
    figures["idle_connection_closed"] = closed.is_ok().into();
    figures["after_the_idle_connection"] =
        searched(&server.memory().unwrap(), &dead, &[words, kept].concat());
    server.stop();
    Some(report(figures, arguments))
}

/// Erases everybody who came; what the search finds of their keys and words before.
fn erase_people(
    judge: &mut Judge<'_>,
    server: &mut Server,
    before: &Reading,
    pseudonyms: &BTreeMap<u64, Id>,
) -> Value {
    let came = |(person, number): (&Id, &u64)| (*number >= FIRST_PERSON).then_some(*person);
    let people: Vec<Id> = judge.known.people.iter().filter_map(came).collect();
    judge.gone.people.extend(&people);
    judge.gone.subjects.extend(&people);
    judge.gone.subjects.extend(judge.known.pseudonyms_of(&judge.gone.people));
    judge.gone.subjects.extend(pseudonyms.values());
    let doomed: Vec<Vec<u8>> = {
        let leaves = before.keys.leaves.values();
        let gone =
            |subject: Option<Id>| subject.is_some_and(|id| judge.gone.subjects.contains(&id));
        let leaves = leaves.filter(|leaf| gone(leaf.subject));
        leaves.flat_map(|leaf| leaf.keys.iter().map(|key| key.to_vec())).collect()
    };
    let memory = server.memory().unwrap();
    let found = needles_in(&memory, &doomed).len();
    let expected = usize::try_from(PEOPLE).unwrap();
    let all_came = people.len() == expected && pseudonyms.len() == expected + 1;
    for person in &people {
        server.order(&format!("erase {}", hex(*person)));
    }
    let rest: Vec<String> = pseudonyms.values().map(|id| hex(*id)).collect();
    server.order(&format!("erase {}", rest.join(" ")));
    json!({
        "people_and_callers": people.len() + pseudonyms.len(),
        "leaf_keys_of_theirs": doomed.len(),
        "leaf_keys_found_before": found,
        "controls_missing": usize::from(found < doomed.len()) + usize::from(!all_came),
    })
}

/// Under which pseudonym each caller's answer stands.
fn pseudonyms(
    reading: &Reading,
    seed: u64,
    numbers: std::ops::RangeInclusive<u64>,
) -> BTreeMap<u64, Id> {
    let words: BTreeMap<Vec<u8>, u64> =
        numbers.map(|number| (marks::mark("Qa", seed, number).into_bytes(), number)).collect();
    let mut found = BTreeMap::new();
    for part in &reading.parts {
        let Some(subject) = reading.keys.leaves.get(&part.leaf).and_then(|leaf| leaf.subject)
        else {
            continue;
        };
        let content = reading.keys.open(part).unwrap();
        let number = content.windows(18).find_map(|word| words.get(word));
        found.extend(number.map(|number| (*number, subject)));
    }
    found
}

/// Keys are sought by halves, since registers hold no more and are spilled one by one.
fn searched(memory: &[Region], dead: &[Vec<u8>], words: &[Vec<u8>]) -> Value {
    let halves: Vec<Vec<u8>> =
        dead.iter().flat_map(|key| key.chunks(16)).map(<[u8]>::to_vec).collect();
    let of_keys = needles_in(memory, &halves);
    let of_words = needles_in(memory, words);
    json!({
        "regions": memory.len(),
        "bytes": memory.iter().map(|region| region.bytes.len()).sum::<usize>(),
        "dead_keys_sought": dead.len(),
        "dead_keys_found": of_keys.len(),
        "words_sought": words.len(),
        "words_found": of_words.len(),
        "where": of_keys.into_iter().chain(of_words).take(20).collect::<Vec<_>>(),
    })
}

/// Where each needle was found, in words.
fn needles_in(memory: &[Region], needles: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    for region in memory {
        for (offset, needle) in needles::find_in(needles, &region.bytes) {
            let length = needles[needle].len();
            let at = region.start + u64::try_from(offset).unwrap();
            found.push(format!("{length} bytes at {at:x} in {}", region.name));
        }
    }
    found
}

struct Server {
    child: Child,
    answers: BufReader<ChildStdout>,
    address: String,
    path: String,
}

impl Server {
    fn start(product: &Product) -> Self {
        let mut command = product.command("serve");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let path = format!("/v1/tenants/{}/rounds/{}/responses", words[1], words[2]);
        Self { child, answers, address: words[0].to_owned(), path }
    }

    fn order(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n", "{line}");
    }

    /// Somebody answers over HTTP; the connection, still open.
    fn answer(&self, seed: u64, number: u64) -> TcpStream {
        let text = marks::mark("Qa", seed, number);
        let body = format!(r#"{{"group":"x","answers":[{{"score":3}},{{"text":"Want {text}"}}]}}"#);
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
             idempotency-key: {number}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            self.path,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).unwrap();
        let said = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(said.starts_with("HTTP/1.1 201"), "{said}");
        stream
    }

    /// Exports a bundle from the running server, and reads all its files.
    fn read(&mut self, judge: &mut Judge<'_>, name: &str) -> Reading {
        let out = judge.arguments.directory.join(name);
        self.order(&format!("export {}", out.display()));
        judge.read_with(&out)
    }

    /// Its writable memory, once it is quiet: what is being done is not yet forgotten.
    fn memory(&self) -> Option<Vec<Region>> {
        let pause = Instant::now();
        while pause.elapsed() < Duration::from_millis(500) {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        of_process(self.child.id())
    }

    fn stop(mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "stop").unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}
