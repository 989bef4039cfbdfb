//! The commands that inspect a cube and touch no cluster. A value that cannot be used is a warning
//! and hides nothing else.

use crate::console::Console;
use crate::cube::Cube;
use crate::event::Event;
use crate::exit::Ending;
use crate::plan::CubePlan;
use crate::yaml::ConfigError;

/// Print the description, the configuration or the inspection.
pub fn show(plan: &CubePlan, console: &mut Console) -> Ending {
    match plan {
        CubePlan::Describe(cube, format) => {
            warn(cube, console);
            let parameters = cube.tasks.iter().flat_map(|task| task.parameters());
            let faults = parameters.filter_map(|parameter| parameter.default.get().err());
            faults.for_each(|fault| warn_of(&fault, console));
            console.description(cube, *format);
        }
        CubePlan::Config { config, resolve, format } => {
            let mut warnings = config.warnings.clone();
            let unresolved = config.faults.iter().filter(|_| *resolve).map(ConfigError::sentence);
            let unresolved = unresolved.filter(|fault| !config.warnings.contains(fault));
            warnings.extend(unresolved);
            console.warn_all(warnings);
            console.value(if *resolve { &config.resolved } else { &config.written }, *format);
        }
        CubePlan::Configure(cube) => {
            warn(cube, console);
            console.emit(Event::NothingToConfigure { cube: cube.name.clone() });
        }
        CubePlan::Inspect(cube, format) => {
            warn(cube, console);
            let runner = &cube.runner;
            let claims = [runner.claims.input.get().err(), runner.claims.output.get().err()];
            let faults = [runner.image.get().err()].into_iter().chain(claims).flatten();
            let mut faults: Vec<_> = faults.collect();
            faults.dedup();
            faults.iter().for_each(|fault| warn_of(fault, console));
            console.inspection(cube, *format);
        }
    }
    Ending::Done
}

fn warn(cube: &Cube, console: &mut Console) {
    console.warn_all(cube.warnings.clone());
}

fn warn_of(fault: &ConfigError, console: &mut Console) {
    console.emit(Event::Warning(fault.sentence()));
}
