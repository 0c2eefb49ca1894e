//! Figures against a number of tasks: as a table, and as a plot in the docs.

use std::fmt::Write;

use plotters::prelude::*;

use crate::measured::Arguments;

/// One figure: the median of its rounds, and how far they went apart.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) number: usize,
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Point {
    pub(crate) fn of(number: usize, mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        Self {
            number,
            median: figures[figures.len() / 2],
            least: figures[0],
            greatest: figures[figures.len() - 1],
        }
    }
}

pub(crate) struct Series {
    name: &'static str,
    points: Vec<Point>,
}

impl Series {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            points: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, point: Point) {
        self.points.push(point);
    }
}

/// Prints the table, and puts it and its plot into the docs if that is asked for.
pub(crate) fn show(arguments: &Arguments, name: &str, title: &str, unit: &str, series: &[Series]) {
    let table = table(unit, series);
    println!("{title}\n\n{table}");
    // In the docs the one stands behind the other, and a blank line between.
    arguments.save(&format!("{name}.md"), &format!("{table}\n"));
    arguments.save(
        &format!("{name}.svg"),
        &format!("{}\n", plot(title, unit, series)),
    );
}

fn table(unit: &str, series: &[Series]) -> String {
    let mut table = format!("| {unit} |");
    for point in &series[0].points {
        let _ = write!(table, " {} tasks |", point.number);
    }
    let columns = series[0].points.len();
    let _ = write!(table, "\n|---|{}\n", "---|".repeat(columns));
    for Series { name, points } in series {
        let _ = write!(table, "| {name} |");
        for point in points {
            let Point {
                median,
                least,
                greatest,
                ..
            } = point;
            let _ = if least < greatest {
                write!(table, " {median:.0} ({least:.0} – {greatest:.0}) |")
            } else {
                write!(table, " {median:.0} |")
            };
        }
        table.push_str(&" |".repeat(columns - points.len()));
        table.push('\n');
    }
    table
}

/// Colours that are told apart without red and green, and on light and dark ground.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x80, 0x80, 0x80),
];

/// Both axes logarithmic; a bar at each median shows the least and the greatest.
#[allow(clippy::cast_precision_loss, reason = "numbers of tasks on an axis")]
fn plot(title: &str, unit: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|series| &series.points);
    let least = points().map(|point| point.least).fold(f64::MAX, f64::min);
    let greatest = points().map(|point| point.greatest).fold(0.0, f64::max);
    let numbers = points().map(|point| point.number as f64);
    let (first, last) = numbers.fold((f64::MAX, 0.0_f64), |(first, last), number| {
        (first.min(number), last.max(number))
    });
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (860, 480)).into_drawing_area();
        root.fill(&WHITE).expect("a string takes everything");
        let mut chart = ChartBuilder::on(&root)
            .caption(title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(64)
            .build_cartesian_2d(
                (first * 0.8..last * 1.25).log_scale(),
                (least.max(1.0) * 0.8..greatest * 1.25).log_scale(),
            )
            .expect("axes");
        chart
            .configure_mesh()
            .x_desc("tasks")
            .y_desc(unit)
            .x_label_formatter(&|number| format!("{number:.0}"))
            .y_label_formatter(&|figure| format!("{figure:.0}"))
            .draw()
            .expect("a mesh");
        for (series, colour) in series.iter().zip(COLOURS.iter().cycle()) {
            let medians = series.points.iter().map(|p| (p.number as f64, p.median));
            chart
                .draw_series(LineSeries::new(medians, colour.stroke_width(2)).point_size(3))
                .expect("a line")
                .label(series.name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
                });
            let bars = series.points.iter().map(|p| {
                let x = p.number as f64;
                PathElement::new(
                    [(x, p.least.max(1.0)), (x, p.greatest)],
                    colour.stroke_width(1),
                )
            });
            chart.draw_series(bars).expect("bars");
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.3))
            .position(SeriesLabelPosition::UpperRight)
            .draw()
            .expect("labels");
        root.present().expect("a string takes everything");
    }
    svg
}
