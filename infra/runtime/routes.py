"""Prints the routes that `sam local start-api` serves of a template, as it finds them: method, path, function. No container
is needed for that."""

import sys

from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

parameters = dict(p.split("=", 1) for p in sys.argv[2:])
stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1], parameter_overrides=parameters)
for route in ApiProvider(stacks).api.routes:
    for method in route.methods:
        print(method, route.path, route.function_name)
