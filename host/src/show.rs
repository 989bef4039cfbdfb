//! The commands that look at a cube and touch no cluster. What cannot be used is told and hides nothing else.

use crate::console::Console;
use crate::cube::Cube;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::plan::Show;
use crate::yaml::ConfigError;

/// Show what was asked for.
pub fn show(show: &Show, console: &mut Console) -> Outcome {
    match show {
        Show::Description(cube, format) => {
            warn(cube, console);
            let defaults = cube.tasks.iter().flat_map(|task| task.parameters()).map(|parameter| &parameter.default);
            defaults.filter_map(|default| default.get().err()).for_each(|fault| tell(&fault, console));
            console.description(cube, *format);
        }
        Show::Config { config, resolve: false, format } => console.value(&config.written, *format),
        Show::Config { config, resolve: true, format } => {
            config.faults.iter().for_each(|fault| tell(fault, console));
            console.value(&config.resolved, *format);
        }
        Show::Configuration(cube) => {
            warn(cube, console);
            console.tell(Event::NothingToConfigure { cube: cube.name.clone() });
        }
        Show::Inspection(cube, format) => {
            warn(cube, console);
            let (image, claims) = (&cube.runner.image, &cube.runner.claims);
            let mut faults: Vec<_> = [image.get().err(), claims.input.get().err(), claims.output.get().err()]
                .into_iter()
                .flatten()
                .collect();
            faults.dedup();
            faults.iter().for_each(|fault| tell(fault, console));
            console.inspection(cube, *format);
        }
    }
    Outcome::Succeeded
}

fn warn(cube: &Cube, console: &mut Console) {
    cube.warnings.iter().for_each(|warning| console.tell(Event::Warning(warning.clone())));
}

fn tell(fault: &ConfigError, console: &mut Console) {
    let hint = fault.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
    console.tell(Event::Warning(format!("{fault}{hint}")));
}
