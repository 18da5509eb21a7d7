/// What was measured, line by line, beside what is aimed at.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Line>);

#[derive(Debug)]
enum Line {
    Title(String),
    Figure { name: String, value: f64, unit: &'static str, aim: Option<Aim> },
}

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

impl Figures {
    pub(crate) fn title(&mut self, title: impl Into<String>) {
        self.0.push(Line::Title(title.into()));
    }

    pub(crate) fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.0.push(Line::Figure { name: name.into(), value, unit, aim: None });
    }

    pub(crate) fn add_with_aim(&mut self, name: impl Into<String>, value: f64, unit: &'static str, aim: Aim) {
        self.0.push(Line::Figure { name: name.into(), value, unit, aim: Some(aim) });
    }

    pub(crate) fn print(&self) {
        println!("\n{:<58} {:>12} {:<6} {:>10} {:>12}", "", "measured", "", "aim", "of the aim");
        for line in &self.0 {
            match line {
                Line::Title(title) => println!("\n{title}"),
                Line::Figure { name, value, unit, aim } => println!("{}", figure(name, *value, unit, *aim)),
            }
        }
        println!(
            "\nOf the aim: 100 % is met exactly, more is better, in either direction. Everything, devices included, ran \
             on this machine at the same time.\nPainted: the task after the frame that shows it has begun; what the \
             compositor and the screen take comes on top."
        );
    }
}

fn figure(name: &str, value: f64, unit: &str, aim: Option<Aim>) -> String {
    let (aim, ratio) = match aim {
        None => (String::new(), String::new()),
        Some(Aim::AtMost(aim)) => (format!("≤ {aim}"), share(aim, value)),
        Some(Aim::AtLeast(aim)) => (format!("≥ {aim}"), share(value, aim)),
    };
    let value = if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") };
    format!("  {name:<56} {value:>12} {unit:<6} {aim:>10} {ratio:>12}")
}

fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.0} %", 100.0 * part / whole) } else { "-".to_owned() }
}
