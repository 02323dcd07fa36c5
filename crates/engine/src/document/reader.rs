//! From one picture of a document to everything that it says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use domain::aamva::{self, AamvaReading};
use domain::{
    Day, DocumentKind, Field, FieldName, FieldSource, ForgerySignal, PageEvidence, PageFault, PageSide,
    PageView, PortraitSignal,
};
use media::Frame;

use super::barcode::{self, Barcode};
use super::egypt::{self, Card};
use super::forgery::{Parts, Seen, forgery};
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
/// A page whose longest lines are read as surely as this in Latin script, 0..1, has no Arabic ones: they are not looked
/// for. 16 photos of drawn Egyptian cards reached 0.93, 13 of 16 of drawn passports and cards without their zone had more
/// than 0.97 (2026-11-22).
const LATIN: f32 = 0.96;
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
        self.read_as(Wanted::Anything, frame, faces, today)
    }

    /// The same where a side of an Egyptian identity card is expected: it is looked for first, and where it is found
    /// nothing else is. The reading of such a side is that of [`read`](Self::read), only sooner.
    ///
    /// # Errors
    /// Those of the runtime.
    pub fn read_card(&self, frame: &Frame, faces: &Engine, today: Day) -> Result<PageReading, EngineError> {
        self.read_as(Wanted::EgyptianCard, frame, faces, today)
    }

    fn read_as(
        &self,
        wanted: Wanted,
        frame: &Frame,
        faces: &Engine,
        today: Day,
    ) -> Result<PageReading, EngineError> {
        let mut stages = Stages::default();
        let (located, cut) = stages.time(Stage::Located, || {
            let located = locate(frame);
            let seen = located.as_ref().filter(|located| located.outline == Outline::Seen);
            let cut = seen.and_then(|seen| rectify(frame, &seen.corners, seen.aspect, PAGE_SIDE));
            (located, cut)
        });
        let whole = || Rectified { frame: frame.clone(), to_picture: Homography::IDENTITY };
        let mut is_cut = cut.is_some();
        let mut sight = self.look(wanted, cut.unwrap_or_else(whole), today, &mut stages)?;
        if is_cut && !sight.is_document() {
            // What was taken for the outline may be a frame within the page, or something else on the table.
            let again = self.look(wanted, whole(), today, &mut stages)?;
            if again.is_document() {
                (sight, is_cut) = (again, false);
            }
        }
        let Sight { page, along, zone, barcode, licence, known, printed, doubtful } = sight;
        let page = page.turned(quarter(along));
        let portrait = stages.time(Stage::Portrait, || faces.main_face(&page.frame))?;
        let mut evidence = PageEvidence {
            faults: Vec::new(),
            view: located.map(|located| PageView {
                corners: page.corners().map(|corner| [corner.x, corner.y]),
                ..located.view
            }),
            template: known.as_ref().map(|known| known.id.clone()),
            kind: known.as_ref().map(|known| known.kind),
            side: known.as_ref().map(|known| known.side),
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
            stages.time(Stage::Forgery, || signs(frame, &page, seen.filter(|_| is_cut), &evidence));
        Ok(PageReading { evidence, page: located.map(|_| page.frame), barcode, doubtful, stages: stages.0 })
    }

    /// Reads a page as it lies.
    fn look(
        &self,
        wanted: Wanted,
        page: Rectified,
        today: Day,
        stages: &mut Stages,
    ) -> Result<Sight, EngineError> {
        let lines = stages.time(Stage::TextFound, || self.detector.detect(&page.frame, TEXT_SIDE))?;
        let card = |frame: &Frame| egypt::read(frame, &lines, (&self.arabic, &self.recogniser), today);
        if wanted == Wanted::EgyptianCard
            && let Some(card) = stages.time(Stage::EgyptianCard, || card(&page.frame))?
        {
            return Ok(Sight::of_card(card, page));
        }
        let frame = &page.frame;
        let zone = stages.time(Stage::Mrz, || zone::find(frame, &lines, &self.recogniser, today))?;
        let placed = stages.time(Stage::Printed, || self.placed(frame, &lines, zone.as_ref()))?;
        if wanted == Wanted::Anything
            && placed.latin.is_some_and(|latin| latin < LATIN)
            && let Some(card) = stages.time(Stage::EgyptianCard, || card(frame))?
        {
            return Ok(Sight::of_card(card, page));
        }
        let along = placed.along;
        let prints = stages.time(Stage::Printed, || self.prints(frame, placed.lines))?;
        let code = zone.as_ref().map(|zone| (&zone.reading.signal, zone.code()));
        // No document has both, and a zone is the cheaper to find.
        let barcode =
            if zone.is_some() { None } else { stages.time(Stage::Barcode, || barcode::read(frame)) };
        let licence = barcode.as_ref().and_then(|barcode| aamva::parse(&barcode.text));
        let found = printed::fields(Templates::shipped(), &prints, along, code, licence.is_some(), today);
        let (known, printed) =
            found.map_or((None, vec![]), |found| (Some(Known::of_template(found.template)), found.fields));
        Ok(Sight { along, zone, barcode, licence, known, printed, doubtful: Vec::new(), page }.placed())
    }

    /// The lines outside the zone that are read, in the direction in which they read.
    fn placed(&self, frame: &Frame, lines: &[TextBox], zone: Option<&Zone>) -> Result<Placed, RuntimeError> {
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
            return Ok(Placed { along: Point::new(1.0, 0.0), lines: Vec::new(), latin: None });
        };
        let ahead = |line: &TextBox| line.along.x * along.x + line.along.y * along.y;
        let placed = longest.into_iter().map(|line| if ahead(&line) < 0.0 { line.turned() } else { line });
        // What stands across is no field.
        let lines: Vec<TextBox> = placed.filter(|line| ahead(line) > LEAST_ALONG).collect();
        if zone.is_some() {
            return Ok(Placed { along, lines, latin: None });
        }
        let sample = &lines[..lines.len().min(SAMPLE)];
        let sure = |turned: bool| {
            let sum = sample.iter().try_fold(0.0, |sum, line| {
                let line = if turned { line.turned() } else { *line };
                Ok::<_, RuntimeError>(sum + self.print(frame, line)?.line.confidence())
            })?;
            Ok::<_, RuntimeError>(sum / sample.len().max(1) as f32)
        };
        let (upright, turned) = (sure(false)?, sure(true)?);
        let latin = Some(upright.max(turned));
        if turned <= upright {
            return Ok(Placed { along, lines, latin });
        }
        let lines = lines.iter().map(TextBox::turned).collect();
        Ok(Placed { along: Point::new(-along.x, -along.y), lines, latin })
    }

    fn print(&self, frame: &Frame, place: TextBox) -> Result<Print, RuntimeError> {
        let line = self.recogniser.read(frame, &place, Alphabet::Latin)?;
        Ok(Print { place, line })
    }

    /// What the lines say in Latin script.
    fn prints(&self, frame: &Frame, lines: Vec<TextBox>) -> Result<Vec<Print>, RuntimeError> {
        lines.into_iter().map(|line| self.print(frame, line)).collect()
    }
}

/// What is looked for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Anything,
    EgyptianCard,
}

/// Lines of print.
struct Placed {
    /// The direction in which they read.
    along: Point,
    lines: Vec<TextBox>,
    /// How surely the longest are read in Latin script, 0..1; `None` where it was not tried, since a zone says that they
    /// are.
    latin: Option<f32>,
}

/// A side of a document that is known.
struct Known {
    /// Name of its template.
    id: String,
    kind: DocumentKind,
    side: PageSide,
}

impl Known {
    fn of_template(template: &Template) -> Self {
        Self { id: template.id.clone(), kind: template.kind, side: template.side }
    }

    fn of_card(card: &Card) -> Self {
        Self { id: card.id().to_owned(), kind: Card::KIND, side: card.side }
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
    known: Option<Known>,
    printed: Vec<Field>,
    /// What was read and is not told.
    doubtful: Vec<Field>,
    page: Rectified,
}

impl Sight {
    /// The page of a card; the places of its fields are still those on the page.
    fn of_card(card: Card, page: Rectified) -> Self {
        let sight = Self {
            along: card.along,
            zone: None,
            barcode: None,
            licence: None,
            known: Some(Known::of_card(&card)),
            printed: card.fields,
            doubtful: card.doubtful,
            page,
        };
        sight.placed()
    }

    /// With the places of fields in the picture, where they were those on the page.
    fn placed(mut self) -> Self {
        let zone = self.zone.iter_mut().flat_map(|zone| &mut zone.reading.fields);
        let read = zone.chain(&mut self.printed).chain(&mut self.doubtful);
        for corners in read.filter_map(|field| field.corners.as_mut()) {
            *corners = corners.map(|[x, y]| {
                let place = self.page.picture_place(Point::new(x, y));
                [place.x, place.y]
            });
        }
        self
    }

    /// Whether it says of itself what it is.
    fn is_document(&self) -> bool {
        self.zone.is_some() || self.barcode.is_some() || self.known.is_some()
    }
}

/// Signs of a forgery on an upright page of `picture`; `seen` is how it lies there, where its edges were seen.
fn signs(
    picture: &Frame,
    page: &Rectified,
    seen: Option<(&Located, &Quality)>,
    evidence: &PageEvidence,
) -> ForgerySignal {
    let size = (page.frame.width(), page.frame.height());
    let px_per_mm = seen.and_then(|(located, quality)| {
        let per_mm = size.0.max(size.1) as f32 / longer_mm(located.aspect);
        (quality.blur_mm? * per_mm <= MOST_BLUR_PX).then_some(per_mm)
    });
    let to_page = page.to_picture.inverse();
    let boxes = |source: FieldSource| -> Vec<Rect> {
        let fields = evidence.fields.iter().filter(|field| field.source == source);
        fields
            .filter_map(|field| {
                let corners = field.corners?.map(|[x, y]| Point::new(x, y));
                let corners = corners.map(|corner| to_page.as_ref().map(|to_page| to_page.apply(corner)));
                let [Some(a), Some(b), Some(c), Some(d)] = corners else { return None };
                let (left, right) = (a.x.min(d.x), b.x.max(c.x));
                let (top, bottom) = (a.y.min(b.y), c.y.max(d.y));
                Some(Rect { x: left, y: top, width: right - left, height: bottom - top })
            })
            .collect()
    };
    let (values, zone) = (boxes(FieldSource::Printed), boxes(FieldSource::Mrz));
    let face = evidence.portrait.map(|portrait| {
        let [x, y, width, height] = portrait.bounds;
        Rect { x, y, width, height }
    });
    let seen = Seen { picture, page: size, to_picture: &page.to_picture };
    forgery(&page.frame, seen, Parts { px_per_mm, face, values: &values, zone: &zone })
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
                || evidence.is_egyptian_card() && evidence.best(FieldName::PersonalNumber).is_some()
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
