//! From one picture of a document to everything that it says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::aamva::{self, AamvaReading};
use domain::{
    Day, Field, FieldSource, ForgerySignal, PageEvidence, PageFault, PageSide, PageView, PortraitSignal,
};
use media::Frame;

use super::barcode::{self, Barcode};
use super::forgery::forgery;
use super::locate::{Located, Outline, locate};
use super::printed::{self, Print, Template, Templates};
use super::quality::{Quality, faults, longer_mm, quality};
use super::rectify::{Quarter, Rectified, rectify};
use super::text::{Alphabet, ArabicRecogniser, TextBox, TextDetector, TextRecogniser};
use super::zone::{self, Zone};
use super::{PageReading, Stage};
use crate::geometry::{Point, Rect};
use crate::homography::Homography;
use crate::runtime::{OnnxRuntime, Pool, RuntimeError, RuntimeOptions};
use crate::{Engine, EngineError};

/// Where the verified files lie.
#[derive(Debug, Clone)]
pub struct DocumentModelFiles {
    /// The shared library of ONNX Runtime.
    pub runtime: PathBuf,
    /// PP-OCRv6 tiny, text detection.
    pub text_detector: PathBuf,
    /// PP-OCRv6 small, text recognition, Latin script only.
    pub text_recogniser: PathBuf,
}

/// Reads documents. Models are loaded on first use and shared by all threads.
#[derive(Debug)]
pub struct DocumentReader {
    detector: TextDetector,
    recogniser: TextRecogniser,
    arabic: ArabicRecogniser,
}

/// Longer side at which text is looked for: a passport's print of 1.5 mm is 11 pixels high there.
const TEXT_SIDE: u32 = 960;
/// Longer side of the page that is cut out: print of 1.5 mm on a passport is 18 pixels high.
const PAGE_SIDE: u32 = 1_600;
/// Lines that are read beside the zone, the longest first: a passport's page has 30 to 50.
const MOST_PRINTS: usize = 90;
/// Length of all of them together, in heights of a line. A line of 33 heights costs 58 ms (one thread, 2026-11-21), so all
/// of it 1.7 s at most; a passport's print takes 0.4 s.
const MOST_PRINT: f32 = 1_000.0;
/// Lines read both ways up to find out which is right where no zone tells.
const SAMPLE: usize = 4;
/// A zone that is read as surely as this was sharp enough, whatever its edges say.
const SHARP_ENOUGH: f32 = 0.5;
/// Most blur, in pixels of the page, at which dots of a print could still be seen.
const MOST_BLUR_PX: f32 = 2.2;
/// Lines that lie farther off the direction of the rest (cosine) are left out.
const LEAST_ALONG: f32 = 0.9;

impl DocumentReader {
    /// Opens the models. At most `copies` of each are loaded, one for each call that runs at the same time.
    ///
    /// # Errors
    /// [`RuntimeError::Library`] when ONNX Runtime cannot be loaded.
    pub fn open(files: &DocumentModelFiles, copies: usize) -> Result<Self, RuntimeError> {
        let runtime = OnnxRuntime::load(&files.runtime)?;
        let pool = |path: &PathBuf| {
            let (runtime, path) = (runtime.clone(), path.clone());
            Pool::new(copies, move || runtime.open(&path, RuntimeOptions::default()))
        };
        Ok(Self {
            detector: TextDetector::new(pool(&files.text_detector)),
            recogniser: TextRecogniser::new(pool(&files.text_recogniser)),
            arabic: ArabicRecogniser::open(&runtime, copies),
        })
    }

    /// Loads one copy of each model, so that the first picture does not wait for it.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn warm_up(&self) -> Result<(), RuntimeError> {
        self.detector.load()?;
        self.recogniser.load()?;
        self.arabic.load()
    }

    /// Who finds lines of text.
    pub fn detector(&self) -> &TextDetector {
        &self.detector
    }

    /// Who reads lines of Arabic print.
    pub fn arabic(&self) -> &ArabicRecogniser {
        &self.arabic
    }

    /// Reads a picture of one side of a document; `faces` finds its portrait. `today` settles the centuries of dates.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn read(&self, frame: &Frame, faces: &Engine, today: Day) -> Result<PageReading, EngineError> {
        let mut stages = Stages::default();
        let (located, cut) = stages.time(Stage::Located, || {
            let located = locate(frame);
            let seen = located.as_ref().filter(|located| located.outline == Outline::Seen);
            let cut = seen.and_then(|seen| rectify(frame, &seen.corners, seen.aspect, PAGE_SIDE));
            (located, cut)
        });
        let whole = || Rectified { frame: frame.clone(), to_picture: Homography::IDENTITY };
        let mut is_cut = cut.is_some();
        let mut sight = self.look(cut.unwrap_or_else(whole), today, &mut stages)?;
        if is_cut && !sight.is_document() {
            // What was taken for the outline may be a frame within the page, or something else on the table.
            let again = self.look(whole(), today, &mut stages)?;
            if again.is_document() {
                (sight, is_cut) = (again, false);
            }
        }
        let Sight { page, along, zone, barcode, licence, template, printed } = sight;
        let page = page.turned(quarter(along));
        let portrait = stages.time(Stage::Portrait, || faces.main_face(&page.frame))?;
        let mut evidence = PageEvidence {
            faults: Vec::new(),
            view: located.map(|located| PageView {
                corners: page.corners().map(|corner| [corner.x, corner.y]),
                ..located.view
            }),
            template: template.map(|template| template.id.clone()),
            kind: template.map(|template| template.kind),
            side: template.map(|template| template.side),
            portrait: portrait.map(|face| PortraitSignal {
                bounds: [face.bounds.x, face.bounds.y, face.bounds.width, face.bounds.height],
                eye_distance_px: face.landmarks.eye_distance(),
            }),
            ..PageEvidence::default()
        };
        if let Some(zone) = zone {
            evidence.fields = zone.reading.fields;
            evidence.mrz = Some(zone.reading.signal);
        }
        if let Some(licence) = licence {
            evidence.kind = Some(licence.kind);
            evidence.fields.extend(licence.fields);
            evidence.barcode = Some(licence.signal);
        }
        evidence.fields.extend(printed);
        let quality = stages
            .time(Stage::Quality, || located.as_ref().map(|located| quality(frame, located, &page.frame)));
        evidence.quality = quality.map(|quality| quality.page);
        let seen = located.as_ref().zip(quality.as_ref());
        evidence.faults = all_faults(&evidence, seen);
        evidence.forgery =
            stages.time(Stage::Forgery, || signs(&page, seen.filter(|_| is_cut), &evidence.fields));
        Ok(PageReading { evidence, page: located.map(|_| page.frame), barcode, stages: stages.0 })
    }

    /// Reads a page as it lies.
    fn look(&self, page: Rectified, today: Day, stages: &mut Stages) -> Result<Sight, EngineError> {
        let frame = &page.frame;
        let lines = stages.time(Stage::TextFound, || self.detector.detect(frame, TEXT_SIDE))?;
        let mut zone = stages.time(Stage::Mrz, || zone::find(frame, &lines, &self.recogniser, today))?;
        let (along, prints) = stages.time(Stage::Printed, || self.prints(frame, &lines, zone.as_ref()))?;
        let code = zone.as_ref().map(|zone| (&zone.reading.signal, zone.code()));
        // No document has both, and a zone is the cheaper to find.
        let barcode =
            if zone.is_some() { None } else { stages.time(Stage::Barcode, || barcode::read(frame)) };
        let licence = barcode.as_ref().and_then(|barcode| aamva::parse(&barcode.text));
        let found = printed::fields(Templates::shipped(), &prints, along, code, licence.is_some(), today);
        let (template, mut printed) =
            found.map_or((None, vec![]), |found| (Some(found.template), found.fields));
        let read = zone.iter_mut().flat_map(|zone| &mut zone.reading.fields).chain(&mut printed);
        for corners in read.filter_map(|field| field.corners.as_mut()) {
            *corners = corners.map(|[x, y]| {
                let place = page.picture_place(Point::new(x, y));
                [place.x, place.y]
            });
        }
        Ok(Sight { along, zone, barcode, licence, template, printed, page })
    }

    /// What the lines outside the zone say, and the direction in which they read.
    fn prints(
        &self,
        frame: &Frame,
        lines: &[TextBox],
        zone: Option<&Zone>,
    ) -> Result<(Point, Vec<Print>), RuntimeError> {
        let read = |place: TextBox| {
            let line = self.recogniser.read(frame, &place, Alphabet::Latin)?;
            Ok::<_, RuntimeError>(Print { place, line })
        };
        let mut longest: Vec<TextBox> = lines.iter().copied().filter(|line| !is_in(line, zone)).collect();
        longest.sort_by(|a, b| b.length.total_cmp(&a.length));
        longest.truncate(MOST_PRINTS);
        let mut left = MOST_PRINT;
        longest.retain(|line| {
            let share = line.length / line.height.max(1.0);
            left -= share;
            left >= 0.0
        });
        let Some(along) = zone.and_then(Zone::along).or_else(|| longest.first().map(|line| line.along))
        else {
            return Ok((Point::new(1.0, 0.0), Vec::new()));
        };
        let ahead = |line: &TextBox| line.along.x * along.x + line.along.y * along.y;
        let placed = longest.into_iter().map(|line| if ahead(&line) < 0.0 { line.turned() } else { line });
        // What stands across is no field.
        let placed: Vec<TextBox> = placed.filter(|line| ahead(line) > LEAST_ALONG).collect();
        let mut turn = false;
        if zone.is_none() {
            let sample = &placed[..placed.len().min(SAMPLE)];
            let sure = |turned: bool| {
                sample.iter().try_fold(0.0, |sum, line| {
                    let line = if turned { line.turned() } else { *line };
                    Ok::<_, RuntimeError>(sum + read(line)?.line.confidence())
                })
            };
            turn = sure(true)? > sure(false)?;
        }
        let along = if turn { Point::new(-along.x, -along.y) } else { along };
        let placed = placed.into_iter().map(|line| if turn { line.turned() } else { line });
        Ok((along, placed.map(read).collect::<Result<_, _>>()?))
    }
}

/// What was read of a page as it lies. Places of fields are those in the picture.
struct Sight {
    /// The direction in which it reads.
    along: Point,
    zone: Option<Zone>,
    barcode: Option<Barcode>,
    /// What the bar code says, if it is a licence's.
    licence: Option<AamvaReading>,
    template: Option<&'static Template>,
    printed: Vec<Field>,
    page: Rectified,
}

impl Sight {
    /// Whether it says of itself what it is.
    fn is_document(&self) -> bool {
        self.zone.is_some() || self.barcode.is_some() || self.template.is_some()
    }
}

/// Signs of a forgery on an upright page; `seen` is how it lies in the picture, where its edges were seen.
fn signs(page: &Rectified, seen: Option<(&Located, &Quality)>, fields: &[Field]) -> ForgerySignal {
    let px_per_mm = seen.and_then(|(located, quality)| {
        let (width, height) = (page.frame.width(), page.frame.height());
        let per_mm = width.max(height) as f32 / longer_mm(located.aspect);
        (quality.blur_mm? * per_mm <= MOST_BLUR_PX).then_some(per_mm)
    });
    let to_page = page.to_picture.inverse();
    let values: Vec<Rect> = fields
        .iter()
        .filter(|field| field.source == FieldSource::Printed)
        .filter_map(|field| {
            let corners = field.corners?.map(|[x, y]| Point::new(x, y));
            let corners = corners.map(|corner| to_page.as_ref().map(|to_page| to_page.apply(corner)));
            let [Some(a), Some(b), Some(c), Some(d)] = corners else { return None };
            let (left, right) = (a.x.min(d.x), b.x.max(c.x));
            let (top, bottom) = (a.y.min(b.y), c.y.max(d.y));
            Some(Rect { x: left, y: top, width: right - left, height: bottom - top })
        })
        .collect();
    forgery(&page.frame, px_per_mm, &values)
}

/// The turn that brings print which reads in direction `along` upright.
fn quarter(along: Point) -> Quarter {
    match (along.x.abs() >= along.y.abs(), along.x >= 0.0, along.y >= 0.0) {
        (true, true, _) => Quarter::None,
        (true, false, _) => Quarter::Half,
        (false, _, true) => Quarter::Counterclockwise,
        (false, _, false) => Quarter::Clockwise,
    }
}

/// What keeps the page from being read, worst first.
fn all_faults(evidence: &PageEvidence, seen: Option<(&Located, &Quality)>) -> Vec<PageFault> {
    let is_read = evidence.template.is_some();
    let mut all = Vec::new();
    match seen {
        None if !is_read => all.push(PageFault::DocumentNotFound),
        None => {}
        Some((located, quality)) => {
            all = faults(located, quality);
            // What was surely read was sharp enough.
            let is_sure = evidence.barcode.is_some()
                || evidence
                    .mrz
                    .as_ref()
                    .is_some_and(|mrz| mrz.wrong.is_empty() && mrz.confidence >= SHARP_ENOUGH);
            if is_sure {
                all.retain(|fault| *fault != PageFault::Blur);
            }
            if !is_read {
                all.push(PageFault::NotSupported);
            }
        }
    }
    if is_read && evidence.side == Some(PageSide::Front) && evidence.portrait.is_none() {
        all.push(PageFault::FaceNotFound);
    }
    all
}

/// Whether `line` is one of the zone's.
fn is_in(line: &TextBox, zone: Option<&Zone>) -> bool {
    zone.is_some_and(|zone| {
        zone.lines.iter().any(|other| line.centre.distance(other.centre) < 0.5 * other.height)
    })
}

/// How long each stage took.
#[derive(Debug, Default)]
struct Stages(Vec<(Stage, Duration)>);

impl Stages {
    fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        self.0.push((stage, begun.elapsed()));
        result
    }
}
