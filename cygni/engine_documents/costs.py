"""What a document of the engine costs: its resources priced, and what to know about that (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cygni.aws_limits import REGIONS
from cygni.engine_documents.reading import Document, DocumentKind, EngineDocument, PlannedCost
from cygni.engine_documents.stored import UNKNOWN_REGION
from cygni.errors import DocumentError
from cygni.plan.running import OUTPUT, SERVICE_TYPE, running_resources
from cygni.pricing import Estimate, PriceBook, cost_diff, estimate
from cygni.pricing.priced_through import repricing
from cygni.pricing.report import CostReport, ReportKind
from cygni.pricing.usage import UsageSource
from cygni.pricing.usage_rules import UsageRules
from cygni.pricing.usage_warnings import usage_warnings
from cygni.resources import UNKNOWN, Resource, short_type


def joined(documents: Iterable[EngineDocument], subject: tuple[str, str]) -> EngineDocument:
    """Several states as one, so that references between them are followed; `subject` are its project and stack."""
    found = [settled(document) for document in documents]
    resources = tuple(resource for each in found for resource in each.after)
    return EngineDocument(
        DocumentKind.STATE,
        project=subject[0],
        stack=subject[1],
        before=resources,
        after=resources,
        pending=sum(each.pending for each in found),
        identities={urn: one for each in found for urn, one in each.identities.items()},
        settled=True,
    )


def settled(document: EngineDocument) -> EngineDocument:
    """The document with the tasks that releases run. Cygni's own services are declared without any, and as many run as
    their stack puts out; a document without that output does not tell how many."""
    if document.settled:
        return document
    before = _running(document.before, document.outputs_before)
    if document.kind is DocumentKind.STATE:
        return replace(document, before=before, after=before, settled=True)
    return replace(
        document, before=before, after=_running(document.after, document.outputs_after), settled=True
    )


def priced_document(document: Document, book: PriceBook, usage: UsageSource | None = None) -> CostReport:
    """The cost before and after, of a state the same on both sides."""
    if isinstance(document, PlannedCost):
        place = (document.project, document.environment)
        return CostReport(ReportKind.PREVIEW, place, document.diff, warnings=document.warnings)
    document = settled(document)
    before = estimate(document.before, book, usage)
    after = before if document.kind is DocumentKind.STATE else estimate(document.after, book, usage)
    kind = ReportKind.PREVIEW if document.kind is DocumentKind.PREVIEW else ReportKind.STATE
    subject = tuple(piece for piece in (document.project, document.stack) if piece)
    resources = (*document.before, *document.after)
    repriced = _repricing(document)
    warnings = (
        *_of_document(document),
        *_of_repricing(repriced),
        *region_warnings((before, after)),
        *_of_usage(usage, resources, book),
    )
    return CostReport(kind, subject, cost_diff(before, after), document.hidden, warnings, repriced)


def priced_comparison(
    one: tuple[str, Document],
    other: tuple[str, Document],
    book: PriceBook,
    usage: UsageSource | None = None,
) -> CostReport:
    """What the second named document has after it, against what the first has. Those of two stacks are matched by what
    their URNs have after the stack. Raises DocumentError for a preview that does not list everything: what it leaves
    out would read as removed."""
    for name, each in (one, other):
        if isinstance(each, EngineDocument) and each.hidden:
            raise DocumentError(
                f"{name} does not list {_resources(each.hidden)} that do not change, so it cannot be compared",
                hint="Make it with: pulumi preview --json --show-sames",
            )
    before, after = (_after(each, book, usage) for _, each in (one, other))
    if isinstance(one[1], PlannedCost) is isinstance(other[1], PlannedCost):
        before = _as_of(before, _places(one[1]), _places(other[1]))
    documents = [each for _, each in (one, other) if isinstance(each, EngineDocument)]
    warnings = (
        *(f"{name}: {text}" for name, each in (one, other) for text in _told(each)),
        *region_warnings((before, after)),
        *_of_usage(usage, (resource for each in documents for resource in each.after), book),
    )
    return CostReport(ReportKind.COMPARISON, (one[0], other[0]), cost_diff(before, after), warnings=warnings)


def _places(document: Document) -> tuple[str, ...]:
    """What URNs have that tells where a resource is, and not what it is: the stack; of Cygni's own plans the
    environment, which is in names too."""
    if isinstance(document, PlannedCost):
        return (f":{document.project}.{document.environment}.", f"{document.project}-{document.environment}")
    return (f"urn:pulumi:{document.stack}::{document.project}::", "")


def _as_of(estimate: Estimate, old: tuple[str, ...], new: tuple[str, ...]) -> Estimate:
    """The estimate as if its resources were in another place."""
    pairs = [(one, other) for one, other in zip(old, new, strict=True) if one and one != other]
    if not pairs:
        return estimate
    costs = []
    for cost in estimate.resources:
        urn = cost.urn
        for one, other in pairs:
            urn = urn.replace(one, other)
        costs.append(replace(cost, urn=urn))
    return replace(estimate, resources=tuple(sorted(costs, key=lambda cost: cost.urn)))


def _after(document: Document, book: PriceBook, usage: UsageSource | None) -> Estimate:
    if isinstance(document, PlannedCost):
        return document.diff.after
    return estimate(settled(document).after, book, usage)


def _told(document: Document) -> Iterable[str]:
    return document.warnings if isinstance(document, PlannedCost) else _of_document(document)


def region_warnings(estimates: Iterable[Estimate]) -> Iterator[str]:
    """That nothing tells the region of some resources, or that the book lacks prices of a region: what that means."""
    unplaced: set[str] = set()
    lacking: Counter[str] = Counter()
    for cost in {cost.urn: cost for each in estimates for cost in each.resources}.values():
        region = cost.resource.region if cost.resource is not None else ""
        missing = sum(line.unit_price is None and line.monthly is None for line in cost.lines)
        if missing and region == UNKNOWN_REGION:
            unplaced.add(cost.urn)
        elif region:
            lacking[region] += missing
    if unplaced:
        yield f"{_resources(len(unplaced))}: nothing says in which region; name it with --region"
    for region, count in sorted(lacking.items()):
        if count:
            lines, them = ("1 cost line has", "it") if count == 1 else (f"{count} cost lines have", "them")
            yield f"in {region} {lines} no price, so the totals lack {them}; {_remedy(region)}"


def _remedy(region: str) -> str:
    if region in REGIONS:
        return f"cx prices sync --region {region} reads what AWS lists"
    return f"{region} is no region of AWS"


def _of_document(document: EngineDocument) -> Iterator[str]:
    if document.hidden:
        yield (
            f"{_resources(document.hidden)} that do not change are counted and not listed, so not in the totals; "
            "pulumi preview --json --show-sames lists them"
        )
    if document.pending:
        yield f"{document.pending} operations of this state were begun and never finished"


def _repricing(document: EngineDocument) -> tuple[str, ...]:
    """The names of what changes that resources may be priced by which the document does not list."""
    if not document.hidden:
        return ()
    return tuple(f"{short_type(one.type)} {one.name}" for one in repricing(document.before, document.after))


def _of_repricing(names: tuple[str, ...]) -> Iterator[str]:
    if names:
        changes = f"{', '.join(names)} {'changes' if len(names) == 1 else 'change'}"
        yield (
            f"{changes} what others are priced by, which may be among those that are not listed, so the difference is "
            "not known"
        )


def _of_usage(usage: UsageSource | None, resources: Iterable[Resource], book: PriceBook) -> Iterator[str]:
    if isinstance(usage, UsageRules):
        yield from usage_warnings(usage, resources, book)


def _resources(count: int) -> str:
    return "1 resource" if count == 1 else f"{count} resources"


def _running(resources: tuple[Resource, ...], outputs: Mapping[str, Any]) -> tuple[Resource, ...]:
    if isinstance(outputs.get(OUTPUT), Mapping):
        return running_resources(resources, outputs)
    return tuple(
        replace(one, inputs={**one.inputs, "desiredCount": UNKNOWN})
        if one.type == SERVICE_TYPE and _is_own(one)
        else one
        for one in resources
    )


def _is_own(resource: Resource) -> bool:
    """Whether a resource is part of a component of Cygni's: its URN has the types of all that it is in."""
    return resource.urn.split("::")[2].startswith("cygni:")
