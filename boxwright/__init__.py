"""boxwright's front door: all that programs call, from one place.

    from boxwright import load_classifier

    classify = load_classifier()  # the model in the box
    for result in classify(["shot.png", image]):
        print(result.label, result.confidence)

What `__all__` names is the API, and docs/python.md describes it by purpose. The other packages are the rooms that the
work is done in; they are internal, and what is not named here may be moved or renamed at any time.

Importing this costs next to nothing: a name's room, and what that needs, such as torch, is loaded when the name is
first asked for. It is the room's own object, so that each thing is the same wherever it was imported from.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from active.choosing.choose import QueueSettings as QueueSettings
    from active.choosing.queue import Queue as Queue
    from active.choosing.queue import fill_queue as fill_queue
    from active.choosing.strategies import Candidates as Candidates
    from active.choosing.strategies import Picks as Picks
    from active.exchange.idx_import import IdxImport as IdxImport
    from active.exchange.idx_import import import_idx as import_idx
    from active.exchange.label_formats.label_rows import LabelFormat as LabelFormat
    from active.exchange.label_formats.label_rows import LabelRow as LabelRow
    from active.exchange.label_formats.label_rows import parse_row as parse_row
    from active.exchange.labels import LabelExport as LabelExport
    from active.exchange.labels import LabelImport as LabelImport
    from active.exchange.labels import export_labels as export_labels
    from active.exchange.labels import import_labels as import_labels
    from active.gaps.gaps import GapsSettings as GapsSettings
    from active.gaps.gaps import RealCrops as RealCrops
    from active.gaps.gaps import find_gaps as find_gaps
    from active.gaps.gaps_result import Gaps as Gaps
    from active.gaps.gaps_result import recipe_of as recipe_of
    from active.gaps.gaps_result import write_recipe as write_recipe
    from active.gaps.gaps_sheet import write_gaps_sheet as write_gaps_sheet
    from active.replay.simulate import SimulateSettings as SimulateSettings
    from active.replay.simulate import simulate as simulate
    from active.replay.simulation_result import Simulation as Simulation
    from active.store.events import Labelled as Labelled
    from active.store.events import QueueItem as QueueItem
    from active.store.store import LabelStore as LabelStore
    from active.watching.observation import ObservedPictures as ObservedPictures
    from active.watching.observation import observe_pictures as observe_pictures
    from active.watching.observation import save_observation as save_observation
    from active.watching.watch import WatchSettings as WatchSettings
    from active.watching.watch import compare_observations as compare_observations
    from active.watching.watch import read_reference as read_reference
    from active.watching.watch import watch_pictures as watch_pictures
    from active.watching.watch_report import write_watch_report as write_watch_report
    from active.watching.watch_result import Watched as Watched
    from base.cluster import Cluster as Cluster
    from base.cluster import connect_cluster as connect_cluster
    from base.errors import BoxwrightError as BoxwrightError
    from base.errors import BrowserError as BrowserError
    from base.errors import ClusterError as ClusterError
    from base.errors import DatabaseError as DatabaseError
    from base.errors import ImageError as ImageError
    from base.errors import InputError as InputError
    from base.errors import LeaseLostError as LeaseLostError
    from base.errors import MissingError as MissingError
    from base.errors import ModelError as ModelError
    from base.errors import NoSuchWidgetError as NoSuchWidgetError
    from base.errors import NothingToQueueError as NothingToQueueError
    from base.errors import OutputExistsError as OutputExistsError
    from base.errors import PackageError as PackageError
    from base.errors import PluginError as PluginError
    from base.errors import SeveralWidgetsError as SeveralWidgetsError
    from base.errors import StoreError as StoreError
    from base.errors import TemplateError as TemplateError
    from base.errors import ToolkitError as ToolkitError
    from base.errors import TrainingError as TrainingError
    from base.errors import WorkerDiedError as WorkerDiedError
    from base.progress import Bar as Bar
    from base.progress import OnProgress as OnProgress
    from base.settings import load_settings as load_settings
    from base.tabular.class_map import ClassMap as ClassMap
    from base.tabular.class_map import read_class_map as read_class_map
    from generator.crops.manifest import ManifestRow as ManifestRow
    from generator.crops.page import Crop as Crop
    from generator.datasets.adding import add_libraries as add_libraries
    from generator.datasets.dataset import DatasetSummary as DatasetSummary
    from generator.datasets.dataset import GenerateSettings as GenerateSettings
    from generator.datasets.dataset import generate as generate
    from generator.datasets.exam import ExamSettings as ExamSettings
    from generator.datasets.exam import write_exam as write_exam
    from generator.datasets.family_check import FamilyReport as FamilyReport
    from generator.datasets.family_check import check_families as check_families
    from generator.datasets.layout_check import LayoutReport as LayoutReport
    from generator.datasets.layout_check import check_layouts as check_layouts
    from generator.datasets.layout_preview import write_layout_preview as write_layout_preview
    from generator.datasets.preview import write_preview as write_preview
    from generator.datasets.recipe_file import RecipeFile as RecipeFile
    from generator.datasets.recipe_file import read_recipe as read_recipe
    from generator.datasets.rerender import Rerendered as Rerendered
    from generator.datasets.rerender import rerender as rerender
    from generator.families.family import Family as Family
    from generator.families.screen_layout import ScreenLayout as ScreenLayout
    from generator.families.screen_layout import load_layouts as load_layouts
    from generator.formats.contact_sheet import contact_sheet as contact_sheet
    from generator.formats.crop_formats import read_crops as read_crops
    from generator.formats.crop_storage import CropFormat as CropFormat
    from generator.formats.crop_storage import finish_shards as finish_shards
    from generator.formats.crop_storage import shard_files as shard_files
    from generator.libraries.icon_listing import IconListing as IconListing
    from generator.libraries.icon_listing import list_icons as list_icons
    from generator.libraries.installed import LibraryStatus as LibraryStatus
    from generator.libraries.installed import choose_families as choose_families
    from generator.libraries.installed import installed_icon_sets as installed_icon_sets
    from generator.libraries.installed import installed_libraries as installed_libraries
    from generator.libraries.installed import list_libraries as list_libraries
    from generator.sampling.sampling_weights import SamplingWeights as SamplingWeights
    from generator.screens.outlines import outlined as outlined
    from generator.screens.rows import Screenshot as Screenshot
    from model.assertions.expect import expect_checked as expect_checked
    from model.assertions.expect import expect_look as expect_look
    from model.assertions.expect import expect_look_async as expect_look_async
    from model.assertions.expect import expect_unchecked as expect_unchecked
    from model.assertions.looks import Expectation as Expectation
    from model.assertions.page_pictures import AnyPage as AnyPage
    from model.assertions.page_state import page_state as page_state
    from model.assertions.page_state import page_state_async as page_state_async
    from model.captioning.labelling_scanner import LabellingScanner as LabellingScanner
    from model.captioning.text_lines import TextLine as TextLine
    from model.captioning.text_reader import read_texts as read_texts
    from model.captioning.widget_labels import assign_labels as assign_labels
    from model.captioning.widget_labels import label_widgets as label_widgets
    from model.captioning.widget_search import WidgetSearch as WidgetSearch
    from model.captioning.widget_search import find_widget as find_widget
    from model.captioning.widget_search import search_widgets as search_widgets
    from model.classifying.classifier import AnyPicture as AnyPicture
    from model.classifying.classifier import Classifier as Classifier
    from model.classifying.classifier import load_classifier as load_classifier
    from model.classifying.classify import ClassifyResult as ClassifyResult
    from model.classifying.classify import ClassifySettings as ClassifySettings
    from model.classifying.classify import classify_to_table as classify_to_table
    from model.databases.sql_query import SqlQuery as SqlQuery
    from model.evaluation.calibration import CalibrationResult as CalibrationResult
    from model.evaluation.calibration import calibrate as calibrate
    from model.evaluation.evaluate import evaluate as evaluate
    from model.evaluation.evaluate import evaluate_examples as evaluate_examples
    from model.evaluation.evaluate_settings import EvaluateSettings as EvaluateSettings
    from model.evaluation.evaluation_result import Evaluation as Evaluation
    from model.evaluation.gallery import write_evaluation_report as write_evaluation_report
    from model.explaining.explain import ExplainSettings as ExplainSettings
    from model.explaining.explain import explain_pictures as explain_pictures
    from model.explaining.explained_rows import ExplainedPicture as ExplainedPicture
    from model.explaining.explained_rows import ExplainResult as ExplainResult
    from model.explaining.heat_map import HeatMap as HeatMap
    from model.explaining.heat_maps import draw_heat_map as draw_heat_map
    from model.export.benchmark import Benchmark as Benchmark
    from model.export.benchmark import benchmark_model as benchmark_model
    from model.export.compress import CompressSettings as CompressSettings
    from model.export.compress import compress_model as compress_model
    from model.export.compression_result import Compression as Compression
    from model.export.export import ExportedFile as ExportedFile
    from model.export.export import export_model as export_model
    from model.finder_learning.finder_training import FinderSettings as FinderSettings
    from model.finder_learning.finder_tuning import TunedFinder as TunedFinder
    from model.finder_learning.finder_tuning import tune_finder as tune_finder
    from model.finding.scanner import Scanner as Scanner
    from model.finding.scanner import load_scanner as load_scanner
    from model.finding.widgets import FoundWidget as FoundWidget
    from model.gap.score import ScoreSettings as ScoreSettings
    from model.gap.score import score_dataset as score_dataset
    from model.gap.score_result import DatasetScore as DatasetScore
    from model.labelled_folders.examples import Example as Example
    from model.labelled_folders.folder_inspection import inspect_folder as inspect_folder
    from model.labelled_folders.folder_report import FolderReport as FolderReport
    from model.labelled_folders.folders import read_examples as read_examples
    from model.labelled_folders.folders import split_by_group as split_by_group
    from model.learning.training_settings import TrainSettings as TrainSettings
    from model.networks.network import Backbone as Backbone
    from model.networks.trained_model import Model as Model
    from model.networks.trained_model import load_model as load_model
    from model.promoting.promote import promote_model as promote_model
    from model.promoting.promotion_result import Promotion as Promotion
    from model.promoting.registry import roll_back as roll_back
    from model.promoting.registry import set_alias as set_alias
    from model.promoting.registry_settings import PromoteSettings as PromoteSettings
    from model.reading.images import content_hash as content_hash
    from model.running.any_model import AnyModel as AnyModel
    from model.running.any_model import ExportedModel as ExportedModel
    from model.running.any_model import load_any_model as load_any_model
    from model.running.predict import predict_files as predict_files
    from model.running.readings import Classification as Classification
    from model.running.readings import Prediction as Prediction
    from model.runs.run_difference import RunDifference as RunDifference
    from model.runs.run_difference import compare_runs as compare_runs
    from model.runs.run_records import RunRecord as RunRecord
    from model.runs.run_records import read_run as read_run
    from model.runs.run_records import read_runs as read_runs
    from model.runs.run_table import RunTable as RunTable
    from model.runs.run_table import tabulate_runs as tabulate_runs
    from model.scanning.scan import ScanResult as ScanResult
    from model.scanning.scan import ScanSettings as ScanSettings
    from model.scanning.scan import scan_to_table as scan_to_table
    from model.scanning.screen_rows import WidgetFilter as WidgetFilter
    from model.scanning.widget_crops import CutResult as CutResult
    from model.scanning.widget_crops import cut_widgets as cut_widgets
    from model.screen_evaluation.evaluate_screens import evaluate_screens as evaluate_screens
    from model.screen_evaluation.screen_gallery import write_screen_report as write_screen_report
    from model.screen_evaluation.screen_result import ScreenEvaluation as ScreenEvaluation
    from model.screen_evaluation.screen_sets import read_screen_set as read_screen_set
    from model.screen_evaluation.true_screens import ScreenSet as ScreenSet
    from model.splitting.folds import Fold as Fold
    from model.splitting.folds import Split as Split
    from model.splitting.folds import read_split as read_split
    from model.splitting.folds import split_folder as split_folder
    from model.splitting.folds import write_split as write_split
    from model.training.crossval import CrossValidation as CrossValidation
    from model.training.crossval import Folding as Folding
    from model.training.crossval import cross_validate as cross_validate
    from model.training.crossval import resume_cross_validation as resume_cross_validation
    from model.training.epochs import TrainingProgress as TrainingProgress
    from model.training.out_of_fold import Guess as Guess
    from model.training.out_of_fold import read_guesses as read_guesses
    from model.training.plan import TrainingSources as TrainingSources
    from model.training.train import TrainResult as TrainResult
    from model.training.train import resume_training as resume_training
    from model.training.train import train as train
    from model.tuning.study_result import StudyResult as StudyResult
    from model.tuning.tune import resume_tuning as resume_tuning
    from model.tuning.tune import tune as tune
    from model.tuning.tune_settings import TuneSettings as TuneSettings

    __version__: str

_ROOMS = {
    "base.errors": (
        "BoxwrightError",
        "InputError",
        "MissingError",
        "OutputExistsError",
        "TemplateError",
        "BrowserError",
        "ToolkitError",
        "WorkerDiedError",
        "ClusterError",
        "PackageError",
        "PluginError",
        "ImageError",
        "ModelError",
        "TrainingError",
        "NothingToQueueError",
        "NoSuchWidgetError",
        "SeveralWidgetsError",
        "StoreError",
        "DatabaseError",
        "LeaseLostError",
    ),
    "base.cluster": ("Cluster", "connect_cluster"),
    "base.progress": ("Bar", "OnProgress"),
    "base.settings": ("load_settings",),
    "base.tabular.class_map": ("ClassMap", "read_class_map"),
    "generator.crops.manifest": ("ManifestRow",),
    "generator.crops.page": ("Crop",),
    "generator.datasets.adding": ("add_libraries",),
    "generator.datasets.dataset": ("DatasetSummary", "GenerateSettings", "generate"),
    "generator.datasets.exam": ("ExamSettings", "write_exam"),
    "generator.datasets.family_check": ("FamilyReport", "check_families"),
    "generator.datasets.layout_check": ("LayoutReport", "check_layouts"),
    "generator.datasets.layout_preview": ("write_layout_preview",),
    "generator.datasets.preview": ("write_preview",),
    "generator.datasets.recipe_file": ("RecipeFile", "read_recipe"),
    "generator.datasets.rerender": ("Rerendered", "rerender"),
    "generator.families.family": ("Family",),
    "generator.families.screen_layout": ("ScreenLayout", "load_layouts"),
    "generator.formats.contact_sheet": ("contact_sheet",),
    "generator.formats.crop_formats": ("read_crops",),
    "generator.formats.crop_storage": ("CropFormat", "finish_shards", "shard_files"),
    "generator.libraries.icon_listing": ("IconListing", "list_icons"),
    "generator.libraries.installed": (
        "LibraryStatus",
        "choose_families",
        "installed_icon_sets",
        "installed_libraries",
        "list_libraries",
    ),
    "generator.sampling.sampling_weights": ("SamplingWeights",),
    "generator.screens.outlines": ("outlined",),
    "generator.screens.rows": ("Screenshot",),
    "model.assertions.expect": ("expect_checked", "expect_look", "expect_look_async", "expect_unchecked"),
    "model.assertions.looks": ("Expectation",),
    "model.assertions.page_pictures": ("AnyPage",),
    "model.assertions.page_state": ("page_state", "page_state_async"),
    "model.captioning.labelling_scanner": ("LabellingScanner",),
    "model.captioning.text_lines": ("TextLine",),
    "model.captioning.text_reader": ("read_texts",),
    "model.captioning.widget_labels": ("assign_labels", "label_widgets"),
    "model.captioning.widget_search": ("WidgetSearch", "find_widget", "search_widgets"),
    "model.classifying.classifier": ("AnyPicture", "Classifier", "load_classifier"),
    "model.classifying.classify": ("ClassifyResult", "ClassifySettings", "classify_to_table"),
    "model.databases.sql_query": ("SqlQuery",),
    "model.evaluation.calibration": ("CalibrationResult", "calibrate"),
    "model.evaluation.evaluate": ("evaluate", "evaluate_examples"),
    "model.evaluation.evaluate_settings": ("EvaluateSettings",),
    "model.evaluation.evaluation_result": ("Evaluation",),
    "model.evaluation.gallery": ("write_evaluation_report",),
    "model.explaining.explain": ("ExplainSettings", "explain_pictures"),
    "model.explaining.explained_rows": ("ExplainResult", "ExplainedPicture"),
    "model.explaining.heat_map": ("HeatMap",),
    "model.explaining.heat_maps": ("draw_heat_map",),
    "model.export.benchmark": ("Benchmark", "benchmark_model"),
    "model.export.compress": ("CompressSettings", "compress_model"),
    "model.export.compression_result": ("Compression",),
    "model.export.export": ("ExportedFile", "export_model"),
    "model.finder_learning.finder_training": ("FinderSettings",),
    "model.finder_learning.finder_tuning": ("TunedFinder", "tune_finder"),
    "model.finding.scanner": ("Scanner", "load_scanner"),
    "model.finding.widgets": ("FoundWidget",),
    "model.gap.score": ("ScoreSettings", "score_dataset"),
    "model.gap.score_result": ("DatasetScore",),
    "model.learning.training_settings": ("TrainSettings",),
    "model.networks.trained_model": ("Model", "load_model"),
    "model.networks.network": ("Backbone",),
    "model.labelled_folders.examples": ("Example",),
    "model.labelled_folders.folder_inspection": ("inspect_folder",),
    "model.labelled_folders.folder_report": ("FolderReport",),
    "model.labelled_folders.folders": ("read_examples", "split_by_group"),
    "model.promoting.promote": ("promote_model",),
    "model.promoting.promotion_result": ("Promotion",),
    "model.promoting.registry": ("roll_back", "set_alias"),
    "model.promoting.registry_settings": ("PromoteSettings",),
    "model.reading.images": ("content_hash",),
    "model.running.any_model": ("AnyModel", "ExportedModel", "load_any_model"),
    "model.running.predict": ("predict_files",),
    "model.running.readings": ("Classification", "Prediction"),
    "model.runs.run_difference": ("RunDifference", "compare_runs"),
    "model.runs.run_records": ("RunRecord", "read_run", "read_runs"),
    "model.runs.run_table": ("RunTable", "tabulate_runs"),
    "model.scanning.scan": ("ScanResult", "ScanSettings", "scan_to_table"),
    "model.scanning.screen_rows": ("WidgetFilter",),
    "model.scanning.widget_crops": ("CutResult", "cut_widgets"),
    "model.screen_evaluation.evaluate_screens": ("evaluate_screens",),
    "model.screen_evaluation.screen_gallery": ("write_screen_report",),
    "model.screen_evaluation.screen_result": ("ScreenEvaluation",),
    "model.screen_evaluation.screen_sets": ("read_screen_set",),
    "model.screen_evaluation.true_screens": ("ScreenSet",),
    "model.splitting.folds": ("Fold", "Split", "read_split", "split_folder", "write_split"),
    "model.training.crossval": ("CrossValidation", "Folding", "cross_validate", "resume_cross_validation"),
    "model.training.epochs": ("TrainingProgress",),
    "model.training.out_of_fold": ("Guess", "read_guesses"),
    "model.training.plan": ("TrainingSources",),
    "model.training.train": ("TrainResult", "resume_training", "train"),
    "model.tuning.study_result": ("StudyResult",),
    "model.tuning.tune": ("resume_tuning", "tune"),
    "model.tuning.tune_settings": ("TuneSettings",),
    "active.choosing.choose": ("QueueSettings",),
    "active.choosing.queue": ("Queue", "fill_queue"),
    "active.choosing.strategies": ("Candidates", "Picks"),
    "active.exchange.idx_import": ("IdxImport", "import_idx"),
    "active.exchange.label_formats.label_rows": ("LabelFormat", "LabelRow", "parse_row"),
    "active.exchange.labels": ("LabelExport", "LabelImport", "export_labels", "import_labels"),
    "active.gaps.gaps": ("GapsSettings", "RealCrops", "find_gaps"),
    "active.gaps.gaps_result": ("Gaps", "recipe_of", "write_recipe"),
    "active.gaps.gaps_sheet": ("write_gaps_sheet",),
    "active.replay.simulate": ("SimulateSettings", "simulate"),
    "active.replay.simulation_result": ("Simulation",),
    "active.store.events": ("Labelled", "QueueItem"),
    "active.store.store": ("LabelStore",),
    "active.watching.observation": ("ObservedPictures", "observe_pictures", "save_observation"),
    "active.watching.watch": ("WatchSettings", "compare_observations", "read_reference", "watch_pictures"),
    "active.watching.watch_report": ("write_watch_report",),
    "active.watching.watch_result": ("Watched",),
}
"""What is public, by the module that defines it; type checkers read the same from the imports above."""

_MODULES = {name: module for module, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *_MODULES]


def _resolve(name: str) -> object:
    """Return what is public under that name, and keep it, so that it is asked for once."""
    if name == "__version__":
        from importlib.metadata import version

        found: object = version("boxwright")
    elif name in _MODULES:
        found = getattr(import_module(_MODULES[name]), name)
    else:
        # With `name` and `obj`, Python itself adds the name that was probably meant.
        raise AttributeError(f"boxwright has no {name!r}", name=name, obj=sys.modules[__name__])
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # a type checker that saw it would take every misspelt name for something there is
    __getattr__ = _resolve
