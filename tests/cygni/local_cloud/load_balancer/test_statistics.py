from __future__ import annotations

from typing import Any

from cygni.local_cloud.load_balancer.statistics import Totals, totals

LB, TG = "app/web/0123", "targetgroup/blue/4567"
BY_GROUP = (("LoadBalancer", LB), ("TargetGroup", TG))
BY_BALANCER = (("LoadBalancer", LB),)


def requests(count: int, code: int, why: str, group: str = TG) -> dict[str, Any]:
    return {"name": f"alb.requests.lb.{LB}.tg.{group}.code.{code}.why.{why}", "value": count}


def times(*bins: tuple[float, float, int]) -> dict[str, Any]:
    told = [{"lower_bound": low, "width": width, "count": count} for low, width, count in bins]
    return {"histograms": {"details": [{"name": f"alb.time.lb.{LB}.tg.{TG}", "totals": told}]}}


def told(found: Totals, dimensions: object) -> dict[str, float]:
    return {
        metric.name: sum(values.values())
        for metric, values in found.items()
        if metric.dimensions == dimensions
    }


class TestAnswersOfTargets:
    def test_are_counted_by_group_and_by_load_balancer(self) -> None:
        found = totals([requests(3, 200, "via_upstream"), requests(2, 404, "via_upstream")])
        for dimensions in (BY_GROUP, BY_BALANCER):
            assert told(found, dimensions) == {
                "RequestCount": 5,
                "HTTPCode_Target_2XX_Count": 3,
                "HTTPCode_Target_4XX_Count": 2,
            }

    def test_that_broke_off_are_still_the_targets(self) -> None:
        why = "upstream_reset_after_response_started{connection_termination}"
        assert "HTTPCode_Target_2XX_Count" in told(totals([requests(1, 200, why)]), BY_GROUP)


class TestAnswersOfTheLoadBalancer:
    def test_are_not_told_by_group(self) -> None:
        why = "upstream_reset_before_response_started{connection_termination}"
        found = totals([requests(4, 502, why)])
        assert told(found, BY_GROUP) == {"RequestCount": 4}
        assert told(found, BY_BALANCER) == {
            "RequestCount": 4,
            "HTTPCode_ELB_5XX_Count": 4,
            "HTTPCode_ELB_502_Count": 4,
        }

    def test_for_a_refused_connection_count_the_connection(self) -> None:
        why = "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}"
        assert told(totals([requests(1, 502, why)]), BY_GROUP) == {
            "RequestCount": 1,
            "TargetConnectionErrorCount": 1,
        }

    def test_where_no_target_was_chosen_are_no_requests_of_the_group(self) -> None:
        found = totals([requests(2, 503, "no_healthy_upstream")])
        assert told(found, BY_GROUP) == {}
        assert told(found, BY_BALANCER) == {"HTTPCode_ELB_5XX_Count": 2, "HTTPCode_ELB_503_Count": 2}

    def test_to_a_client_that_left_are_460(self) -> None:
        found = totals([requests(1, 0, "downstream_remote_disconnect")])
        assert told(found, BY_BALANCER)["HTTPCode_ELB_4XX_Count"] == 1

    def test_that_a_rule_asks_for_are_told_apart(self) -> None:
        found = totals([requests(1, 301, "direct_response", ""), requests(2, 404, "direct_response", "")])
        assert told(found, BY_BALANCER) == {
            "HTTP_Redirect_Count": 1,
            "HTTPCode_ELB_3XX_Count": 1,
            "HTTP_Fixed_Response_Count": 2,
            "HTTPCode_ELB_4XX_Count": 2,
        }


class TestTimes:
    def test_are_seconds_in_the_middle_of_envoys_bins(self) -> None:
        found = totals([times((1000, 100, 3), (20000, 1000, 1))])
        [values] = [v for metric, v in found.items() if metric.dimensions == BY_GROUP]
        assert values == {0.00105: 3, 0.0205: 1}

    def test_of_all_groups_add_up_for_the_load_balancer(self) -> None:
        one = times((1000, 100, 3))
        other = times((1000, 100, 2))
        other["histograms"]["details"][0]["name"] += "-other"
        assert told(totals([one, other]), BY_BALANCER) == {"TargetResponseTime": 5}


class TestOtherCounters:
    def test_are_passed_over(self) -> None:
        assert not totals([{"name": "listener_manager.lds.update_success", "value": 3}, {"histograms": {}}])
