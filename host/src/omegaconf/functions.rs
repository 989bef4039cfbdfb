//! The resolvers of OmegaConf that a cube may call: `oc.env`, `oc.select`, `oc.decode`.
//!
//! A function gets its evaluated arguments and decides what to do with them; the environment is the
//! only thing outside the configuration that it sees.

use super::parse;
use super::syntax::{Element, Key};
use crate::yaml::{Data, Node, nearest, quote, typed};

const KNOWN: [(&str, Function); 3] =
    [("oc.env", Function::Env), ("oc.select", Function::Select), ("oc.decode", Function::Decode)];

/// A function that is known here.
#[derive(Clone, Copy)]
pub enum Function {
    /// A variable of the environment, or a default.
    Env,
    /// The value at a path, or a default.
    Select,
    /// Text read as an argument.
    Decode,
}

/// The work that a function leaves to the resolver.
pub enum Step {
    /// Nothing: this is the value.
    Value(Node),
    /// Take this text, which comes from outside.
    Text(String),
    /// Take the value at a path, or the default where there is none.
    Select { dots: usize, keys: Vec<Key>, default: Option<Node> },
    /// Evaluate what the text was read as.
    Evaluate(Element),
}

/// An error of a call: a sentence, and advice.
pub struct CallError {
    pub message: String,
    pub hint: Option<String>,
}

impl Function {
    /// Find the function of a name and make sure that it takes so many arguments.
    pub fn find(name: &str, arguments: usize) -> Result<Self, CallError> {
        let Some((_, function)) = KNOWN.iter().find(|(known, _)| *known == name) else {
            return Err(unknown(name));
        };
        let (most, takes) = match function {
            Function::Env | Function::Select => (2, "one or two arguments"),
            Function::Decode => (1, "one argument"),
        };
        if (1..=most).contains(&arguments) {
            return Ok(*function);
        }
        Err(format!("`{name}` takes {takes} and was given {arguments}").into())
    }

    /// Call it with a first argument and a default.
    pub fn call(
        self,
        first: Node,
        default: Option<Node>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Step, CallError> {
        if matches!(self, Function::Decode) && first.is_null() {
            return Ok(Step::Value(first));
        }
        let Data::Text(text) = &first.data else {
            let found = typed::shown(&first);
            return Err(format!("`{}`: expected text, found {found}", self.name()).into());
        };
        match self {
            Function::Env => variable(text, default, env),
            Function::Select => {
                let (dots, keys) =
                    parse::path(text).map_err(|why| format!("`oc.select`: {why}"))?;
                Ok(Step::Select { dots, keys, default })
            }
            Function::Decode => parse::element(text)
                .map(Step::Evaluate)
                .map_err(|why| format!("`oc.decode` cannot read `{}`: {why}", quote(text)).into()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Function::Env => "oc.env",
            Function::Select => "oc.select",
            Function::Decode => "oc.decode",
        }
    }
}

fn variable(
    name: &str,
    default: Option<Node>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Step, CallError> {
    if let Some(value) = env(name) {
        return Ok(Step::Text(value));
    }
    let Some(default) = default else {
        let name = quote(name);
        return Err(CallError {
            message: format!("the environment variable `{name}` is not set"),
            hint: Some(format!("set it, or give a default: `${{oc.env:{name},…}}`")),
        });
    };
    if default.is_null() {
        return Ok(Step::Value(default));
    }
    match default.as_typed() {
        Some(text) => Ok(Step::Text(text.to_owned())),
        None => Err("the default of `oc.env` must be a single value".to_owned().into()),
    }
}

fn unknown(name: &str) -> CallError {
    let hint = match name {
        "env" => Some("write `oc.env`: OmegaConf dropped the short form".to_owned()),
        _ => nearest::advice(name, KNOWN.map(|(known, _)| known)),
    };
    CallError { message: format!("unknown resolver `{}`", quote(name)), hint }
}

impl From<String> for CallError {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}
