//! An instrument to begin with: six domains, thirty items, in our own words.
//!
//! *Invariant:* it has the shape of the instruments that are in use and none of their wording, which
//! belongs to others; a school publishes its own beside it.

use events::observe::{Domain, Instrument, Item, Wording};

/// Dutch, then English.
type Text = (&'static str, &'static str);
/// What to look for, then the behaviour by which it is seen.
type Line = (Text, [Text; 2]);

const TITLE: Text = ("Voorbeeldkijkwijzer les", "Example lesson guide");

const SCALE: [Text; 4] = [
    ("nog niet te zien", "not seen yet"),
    ("soms te zien", "seen at times"),
    ("meestal te zien", "seen mostly"),
    ("steeds te zien", "seen throughout"),
];

const DOMAINS: [(Text, [Line; 5]); 6] = [
    (("Sfeer in de klas", "Mood in the classroom"), MOOD),
    (("Verloop van de les", "Course of the lesson"), COURSE),
    (("Uitleg", "Explanation"), EXPLANATION),
    (("Leerlingen aan het werk", "Pupils at work"), WORK),
    (("Afstemmen op verschillen", "Attuning to differences"), DIFFERENCES),
    (("Leren leren", "Learning to learn"), LEARNING),
];

const MOOD: [Line; 5] = [
    (
        ("begroet leerlingen en kent hun namen", "greets pupils and knows their names"),
        [
            ("staat bij de deur als de groep binnenkomt", "stands at the door as the group enters"),
            ("noemt een leerling bij de naam", "calls a pupil by name"),
        ],
    ),
    (
        ("laat merken dat een fout mag", "shows that a mistake is allowed"),
        [
            ("vraagt door na een fout antwoord", "asks on after a wrong answer"),
            ("bedankt voor een poging", "thanks for an attempt"),
        ],
    ),
    (
        ("laat leerlingen uitspreken", "lets pupils finish speaking"),
        [
            ("wacht tot een zin af is", "waits until a sentence is done"),
            ("wijst op elkaar laten uitpraten", "points at letting each other speak"),
        ],
    ),
    (
        ("spreekt gedrag rustig aan", "addresses behaviour calmly"),
        [
            ("praat zacht en dichtbij", "speaks softly and nearby"),
            ("zegt wat wel de bedoeling is", "says what is wanted instead"),
        ],
    ),
    (
        ("heeft oog voor wie stil is", "notices who is quiet"),
        [
            ("loopt langs bij een stille leerling", "walks past a quiet pupil"),
            ("geeft ook die leerling een beurt", "gives that pupil a turn too"),
        ],
    ),
];

const COURSE: [Line; 5] = [
    (
        ("begint op tijd en zonder omhaal", "begins on time and without ado"),
        [
            ("de eerste opdracht staat klaar", "the first task is ready"),
            ("de groep werkt binnen enkele minuten", "the group works within minutes"),
        ],
    ),
    (
        ("laat zien wat er in de les gebeurt", "shows what will happen in the lesson"),
        [
            ("het programma staat op het bord", "the programme is on the board"),
            ("verwijst er tussendoor naar", "refers to it along the way"),
        ],
    ),
    (
        ("wisselt vlot van werkvorm", "changes ways of working smoothly"),
        [
            ("zegt wie wat doet en hoe lang", "says who does what and how long"),
            ("materiaal ligt klaar", "material lies ready"),
        ],
    ),
    (
        ("houdt overzicht over de groep", "keeps an overview of the group"),
        [
            ("kijkt geregeld rond", "looks around regularly"),
            ("ziet een vraag voordat die onrust geeft", "sees a question before it unsettles"),
        ],
    ),
    (
        ("rondt de les af", "closes the lesson"),
        [
            ("kijkt terug op het doel", "looks back at the goal"),
            ("houdt tijd over voor het slot", "keeps time for the end"),
        ],
    ),
];

const EXPLANATION: [Line; 5] = [
    (
        ("zegt wat leerlingen na de les kunnen", "says what pupils can do after the lesson"),
        [
            ("noemt het doel in gewone taal", "states the goal in plain language"),
            ("zegt waarom het van belang is", "says why it matters"),
        ],
    ),
    (
        ("sluit aan bij wat bekend is", "builds on what is known"),
        [
            ("haalt de vorige les op", "recalls the earlier lesson"),
            ("vraagt wat iemand al weet", "asks what somebody knows already"),
        ],
    ),
    (
        ("bouwt de uitleg in stappen op", "builds the explanation in steps"),
        [
            ("doet een voorbeeld hardop denkend voor", "thinks aloud through an example"),
            ("zet de stappen onder elkaar", "writes the steps below each other"),
        ],
    ),
    (
        ("gaat na of het begrepen is", "checks whether it is understood"),
        [
            ("laat iedereen een antwoord tonen", "lets everyone show an answer"),
            ("vraagt een leerling het na te vertellen", "asks a pupil to retell it"),
        ],
    ),
    (
        ("gebruikt taal die de groep begrijpt", "uses language that the group understands"),
        [
            ("legt een nieuw woord uit", "explains a new word"),
            ("gebruikt een beeld of schema", "uses a picture or diagram"),
        ],
    ),
];

const WORK: [Line; 5] = [
    (
        ("geeft iedereen iets te doen", "gives everyone something to do"),
        [
            ("niemand wacht op een ander", "nobody waits for another"),
            ("ook wie klaar is gaat verder", "who is done goes on too"),
        ],
    ),
    (
        ("stelt vragen die aan het denken zetten", "asks questions that make one think"),
        [("vraagt hoe en waarom", "asks how and why"), ("geeft bedenktijd", "gives time to think")],
    ),
    (
        ("laat leerlingen met elkaar overleggen", "lets pupils consult each other"),
        [
            ("geeft een duidelijke samenwerkopdracht", "sets a clear task to do together"),
            ("bespreekt wat eruit kwam", "discusses what came of it"),
        ],
    ),
    (
        ("geeft terugkoppeling op het werk", "gives feedback on the work"),
        [
            (
                "zegt wat goed gaat en wat de volgende stap is",
                "says what goes well and what is next",
            ),
            ("kijkt mee in het schrift", "looks along in the exercise book"),
        ],
    ),
    (
        ("houdt het tempo erin", "keeps up the pace"),
        [
            ("geeft een tijd aan", "names a time"),
            ("kort in wat te lang duurt", "shortens what takes too long"),
        ],
    ),
];

const DIFFERENCES: [Line; 5] = [
    (
        ("weet wie extra hulp nodig heeft", "knows who needs extra help"),
        [
            ("begint de ronde bij die leerlingen", "begins the round with those pupils"),
            ("herhaalt de uitleg in een kleine groep", "repeats the explanation in a small group"),
        ],
    ),
    (
        ("daagt uit wie meer kan", "challenges who can do more"),
        [
            ("heeft verdiepend werk klaar", "has deepening work ready"),
            ("vraagt die leerlingen om een eigen aanpak", "asks those pupils for their own way"),
        ],
    ),
    (
        ("past de hoeveelheid of het niveau aan", "adjusts amount or level"),
        [
            ("laat kiezen uit opdrachten", "lets pupils choose between tasks"),
            ("schrapt wat iemand al beheerst", "drops what somebody masters already"),
        ],
    ),
    (
        ("gebruikt meer dan één vorm", "uses more than one form"),
        [
            ("wisselt woord, beeld en doen af", "alternates word, picture and doing"),
            ("heeft materiaal om te pakken", "has material to handle"),
        ],
    ),
    (
        ("verwacht van iedereen iets", "expects something of everyone"),
        [
            ("verdeelt beurten over de hele groep", "spreads turns over the whole group"),
            ("neemt geen genoegen met niets", "does not settle for nothing"),
        ],
    ),
];

const LEARNING: [Line; 5] = [
    (
        ("laat leerlingen hun aanpak kiezen", "lets pupils choose their approach"),
        [
            ("vraagt hoe iemand begint", "asks how somebody begins"),
            ("vergelijkt twee manieren", "compares two ways"),
        ],
    ),
    (
        ("leert eigen werk na te kijken", "teaches checking one's own work"),
        [
            ("laat een antwoord schatten", "lets an answer be estimated"),
            ("geeft een lijst om mee te controleren", "gives a list to check by"),
        ],
    ),
    (
        ("laat terugblikken op het leren", "lets pupils look back on learning"),
        [
            ("vraagt wat werkte en wat niet", "asks what worked and what did not"),
            ("laat een leerling een doel opschrijven", "lets a pupil write down a goal"),
        ],
    ),
    (
        ("leert hoofdzaken te onthouden", "teaches remembering the essentials"),
        [
            ("laat in eigen woorden samenvatten", "lets pupils sum up in their own words"),
            ("haalt eerdere stof zonder boek op", "recalls earlier matter without the book"),
        ],
    ),
    (
        ("laat het geleerde elders toepassen", "lets pupils use it elsewhere"),
        [
            ("geeft een voorbeeld buiten school", "gives an example outside school"),
            ("legt een verband met een ander vak", "links to another subject"),
        ],
    ),
];

/// The example instrument, for a demonstration and for tests.
#[must_use]
pub fn example_instrument() -> Instrument {
    Instrument {
        title: wording(TITLE),
        scale: SCALE.map(wording).into(),
        domains: DOMAINS.map(domain).into(),
    }
}

fn domain((title, lines): (Text, [Line; 5])) -> Domain {
    Domain { title: wording(title), items: lines.map(item).into() }
}

fn item((text, examples): Line) -> Item {
    Item { text: wording(text), examples: examples.map(wording).into() }
}

fn wording((dutch, english): Text) -> Wording {
    Wording { dutch: dutch.into(), english: english.into() }
}
