import { Anchor, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useNavigate } from "react-router";
import { answer, api } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { visited } from "./visited";

/** WhichOrganisation is the address without a path. Identity providers lead back here too, signed in. */
export function WhichOrganisation() {
  const session = useQuery(sessionQuery);
  return (
    <Later query={session}>
      {(s) => (s?.organisation ? <Navigate to={`/o/${s.organisation.slug}`} replace /> : <Ask />)}
    </Later>
  );
}

function Ask() {
  const { t } = useTranslation("entrance");
  const navigate = useNavigate();
  const known = visited();
  return (
    <Page title={t("which.title")}>
      {known.length > 0 && (
        <>
          <Text>{t("which.known")}</Text>
          <List>
            {known.map(({ slug, name }) => (
              <List.Item key={slug}>
                <Anchor component={Link} to={`/o/${slug}`} underline="always">
                  {name}
                </Anchor>
              </List.Item>
            ))}
          </List>
        </>
      )}
      <Form
        submit={t("which.go")}
        onSubmit={async ({ slug = "" }) => {
          const name = shortName(slug);
          const found = await answer(
            api.GET("/api/v1/organisations/{slug}/sign-in", { params: { path: { slug: name } } }),
          );
          await navigate(`/o/${found.slug}`);
        }}
      >
        <TextField
          name="slug"
          label={t("which.label")}
          description={t("which.hint")}
          required
          autoComplete="organization"
        />
      </Form>
    </Page>
  );
}

/** shortName is what was meant: also where somebody enters the whole address. */
function shortName(typed: string): string {
  const address = /\/o\/([^/?#\s]+)/.exec(typed);
  return (address?.[1] ?? typed).trim().toLowerCase();
}
