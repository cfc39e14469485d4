import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Rights } from "./Rights";
import { Roles } from "./Roles";
import { nameOf, rightsQuery, rolesQuery, useUser } from "./user";

/** RolesAndRights says what the user may do and why, and changes it: by roles, or right by right. */
export function RolesAndRights() {
  const { t } = useTranslation("user");
  const user = useUser();
  const roles = useQuery(rolesQuery);
  const rights = useQuery(rightsQuery);
  return (
    <Page title={t("rights.title", { name: nameOf(user) })} place={useSession().organisation?.name}>
      <Later query={roles}>
        {({ items: all }) => (
          <Later query={rights}>
            {({ items: catalogue }) => (
              <>
                <Roles key={`roles ${user.id}`} user={user} roles={all} catalogue={catalogue} />
                <Rights key={`rights ${user.id}`} user={user} roles={all} catalogue={catalogue} />
              </>
            )}
          </Later>
        )}
      </Later>
    </Page>
  );
}
