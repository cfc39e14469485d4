"""Prints what SAM's transform makes of template.yaml, as JSON: what CloudFormation would be given. It asks nobody."""

import json
import os
import sys

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse


class NoManagedPolicies:
    """Stands for the list of AWS's own policies, which nothing but an account can tell; they stay as they are named."""

    def load(self):
        return {}


os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
with open(sys.argv[1], encoding="utf-8") as file:
    template = yaml_parse(file.read())
made = SamTemplateValidator(template, NoManagedPolicies(), region="eu-west-2").get_translated_template_if_valid()
json.dump(yaml_parse(made), sys.stdout, indent=1)
