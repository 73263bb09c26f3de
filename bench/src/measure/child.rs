//! Contestants in other processes, and what both sides say over the pipe.
//!
//! A child is started with `FOLDER ISSUER AUDIENCE JWKS-URL`. It writes, one a line with tabs:
//!
//! ```text
//! version  PyJWT  2.15.1
//! can      RS256  PyJWT              (the first that can is number 0)
//! cannot   ES512  PyJWT  the reason
//! ready
//! ```
//!
//! Then it answers each line `NUMBER TIMES` with the nanoseconds that so many verifications took,
//! until its input ends.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use super::rounds::Contestant;

/// A child that is ready.
pub(crate) struct Peer {
    pipe: Rc<RefCell<Pipe>>,
    /// Algorithm and name of what it can do, by number.
    can: Vec<(String, &'static str)>,
    /// Who is measured in which version.
    pub(crate) versions: Vec<(String, String)>,
    /// What it cannot do, and why.
    pub(crate) absent: Vec<(String, String)>,
}

struct Pipe {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a program and hears what it can do.
    ///
    /// # Errors
    /// It can't be started, or ended before it was ready.
    pub(crate) fn start(name: &str, program: &Path, arguments: &[&str]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = BufReader::new(output.ok_or(io::ErrorKind::BrokenPipe)?);
        let mut pipe = Pipe {
            name: name.into(),
            child,
            input,
            output,
        };
        let (mut can, mut versions, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let line = pipe.line()?;
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["ready"] => break,
                ["version", who, version] => versions.push(((*who).into(), (*version).into())),
                ["can", algorithm, who] => can.push(((*algorithm).into(), leaked(who))),
                ["cannot", algorithm, who, reason] => {
                    absent.push((format!("{who}, {algorithm}"), (*reason).into()));
                }
                _ => return Err(io::Error::other(format!("{name} says {line:?}"))),
            }
        }
        Ok(Self {
            pipe: Rc::new(RefCell::new(pipe)),
            can,
            versions,
            absent,
        })
    }

    /// What it can do with this algorithm.
    pub(crate) fn contestants(&self, algorithm: &str) -> Vec<Contestant> {
        let all = self.can.iter().enumerate();
        let mine = all.filter(|(_, (known, _))| known == algorithm);
        mine.map(|(number, (_, name))| {
            let pipe = Rc::clone(&self.pipe);
            let run = move |times| pipe.borrow_mut().ask(number, times);
            Contestant {
                name,
                run: Box::new(run),
            }
        })
        .collect()
    }
}

/// Names live as long as the program: there are a few dozen.
fn leaked(name: &str) -> &'static str {
    String::from(name).leak()
}

impl Pipe {
    /// A child that stops answering ends the run: its figures would be missed.
    fn ask(&mut self, number: usize, times: u64) -> f64 {
        let asked = self
            .input
            .as_mut()
            .map(|input| writeln!(input, "{number} {times}"));
        let answer = match asked {
            Some(Ok(())) => self.line(),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        };
        let answer = answer.map(|line| line.parse());
        match answer {
            Ok(Ok(nanoseconds)) => nanoseconds,
            other => panic!("{}: {number} {times}: {other:?}", self.name),
        }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(io::Error::other(format!("{} ended", self.name)));
        }
        Ok(line.trim_end().into())
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.input = None;
        let _ = self.child.wait();
    }
}

/// The other side, for a child that is this program.
pub(crate) fn serve(
    mut contestants: Vec<(&'static str, Contestant)>,
    absent: &[(&str, &str, &str)],
) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for (algorithm, contestant) in &contestants {
        writeln!(output, "can\t{algorithm}\t{}", contestant.name)?;
    }
    for (algorithm, name, reason) in absent {
        writeln!(output, "cannot\t{algorithm}\t{name}\t{reason}")?;
    }
    writeln!(output, "ready")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let asked = line.split_once(' ');
        let asked =
            asked.and_then(|(n, times)| Some((n.parse::<usize>().ok()?, times.parse().ok()?)));
        let Some((number, times)) = asked else {
            return Err(io::Error::other(format!("asked {line:?}")));
        };
        let Some((_, contestant)) = contestants.get_mut(number) else {
            return Err(io::Error::other(format!("there is no number {number}")));
        };
        writeln!(output, "{}", (contestant.run)(times))?;
    }
    Ok(())
}
