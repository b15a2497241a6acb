//! A bar chart as SVG within the page; the same numbers stand in a table beside it.

use askama::Template;

use crate::frame::Frame;

const WIDTH: u64 = 480;

/// One bar.
pub(crate) struct Bar {
    /// What it stands for.
    pub(crate) label: String,
    /// How much; none where it is not shown.
    pub(crate) value: Option<u32>,
}

/// A chart of horizontal bars.
pub(crate) struct Chart {
    /// Its name within the page.
    pub(crate) id: String,
    /// What it shows.
    pub(crate) title: String,
    /// From top to bottom.
    pub(crate) bars: Vec<Bar>,
}

struct Drawn {
    label: String,
    shown: String,
    width: u64,
    y: usize,
}

#[derive(Template)]
#[template(path = "chart.html")]
struct Svg<'a> {
    frame: &'a Frame,
    id: &'a str,
    title: &'a str,
    bars: Vec<Drawn>,
    height: usize,
}

impl Chart {
    /// The chart; none on a bug of ours, and then the table is still there.
    pub(crate) fn svg(&self, frame: &Frame) -> Option<String> {
        let most = self.bars.iter().filter_map(|bar| bar.value).max().unwrap_or(0).max(1);
        let drawn = |(row, bar): (usize, &Bar)| Drawn {
            label: bar.label.clone(),
            shown: bar.value.map_or_else(|| "–".to_owned(), |value| value.to_string()),
            width: bar.value.map_or(0, |value| u64::from(value) * WIDTH / u64::from(most)),
            y: row * 32 + 6,
        };
        let bars: Vec<_> = self.bars.iter().enumerate().map(drawn).collect();
        let height = bars.len() * 32 + 12;
        Svg { frame, id: &self.id, title: &self.title, bars, height }.render().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::language::say;

    #[test]
    fn the_longest_bar_is_the_largest_number_and_what_is_hidden_has_none() {
        let frame = Frame {
            language: Language::English,
            base: String::new(),
            here: String::new(),
            title: say("a", "a"),
            places: Vec::new(),
            may: Vec::new(),
            is_done: false,
        };
        let bar = |value| Bar { label: "<b>".to_owned(), value };
        let chart = Chart {
            id: "q1".to_owned(),
            title: "T".to_owned(),
            bars: vec![bar(Some(20)), bar(Some(5)), bar(None)],
        };
        let svg = chart.svg(&frame).unwrap();
        let widths: Vec<_> = svg.split("class=\"bar\"").skip(1).collect();
        assert!(widths[0].contains("width=\"480\"") && widths[1].contains("width=\"120\""));
        assert_eq!(widths.len(), 2);
        assert!(svg.contains("role=\"img\"") && svg.contains("<title") && svg.contains("<desc"));
        assert!(!svg.contains("<b>"), "{svg}");
    }
}
