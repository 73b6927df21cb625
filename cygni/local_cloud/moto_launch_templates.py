"""Where moto's launch templates differ from AWS in a way that the stacks meet; applied by moto_fixes.py."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.patching import before


def fix() -> None:
    """moto writes the tags of a template itself into what it says of instances, and does not learn of later ones."""
    from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend

    def without_own_tags(
        backend: Any, name: str, description: str, template_data: dict[str, Any], tag_spec: Any
    ) -> None:
        made = [
            each
            for each in template_data.get("TagSpecifications") or []
            if each["ResourceType"] != "launch-template"
        ]
        template_data.pop("TagSpecifications", None)
        if made:
            template_data["TagSpecifications"] = made

    LaunchTemplate.tags = property(lambda template: template.get_tags(), lambda template, tags: None)
    before(LaunchTemplateBackend, "create_launch_template", without_own_tags)
