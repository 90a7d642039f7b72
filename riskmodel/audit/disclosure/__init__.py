"""What may leave the organisation: no count of 1 to 7, and none that could be worked out.

`published` enters all counts of an audit in a ledger with everything that adds up among them
(`audit_counts`), withholds the small ones and as many more as it takes that none of those can be
worked out (`suppression`), and makes each table by its rule (`rules`).
"""

from riskmodel.audit.disclosure.alternatives import published_alternatives
from riskmodel.audit.disclosure.over_time import published_over_time
from riskmodel.audit.disclosure.publish import published

__all__ = ["published", "published_alternatives", "published_over_time"]
