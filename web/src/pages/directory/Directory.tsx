import { Anchor, Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { DataTable, type Column } from "../../parts/DataTable";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { areaOf } from "../../shell/places";
import classes from "../../shell/Shell.module.css";

type Card = Schemas["ContactCard"];

/** Directory shows users of another organisation, to write to them. What is looked for is in the address, so that it can be kept. */
export function Directory() {
  const { t } = useTranslation("directory");
  const session = useSession();
  const area = areaOf("directory", session);
  const [asked, ask] = useSearchParams();
  const slug = asked.get("organisation") ?? "";
  const q = asked.get("q") ?? "";
  return (
    <Page title={area ? named(area) : t("title")} place={session.organisation?.name}>
      <Text className={classes.narrow}>{t("text")}</Text>
      <div className={classes.narrow}>
        <Form
          submit={t("submit")}
          onSubmit={({ organisation: of = "", q: typed = "" }) => {
            ask({ organisation: of.trim().toLowerCase(), ...(typed.trim() === "" ? {} : { q: typed.trim() }) });
            return Promise.resolve();
          }}
          beside={
            slug !== "" && (
              <Button component={Link} to="?" variant="default">
                {t("clear")}
              </Button>
            )
          }
        >
          <TextField
            key={`of ${slug}`}
            name="organisation"
            label={t("organisation")}
            description={t("organisationHint")}
            defaultValue={slug}
            required
            autoComplete="off"
          />
          <TextField
            key={`q ${q}`}
            name="q"
            label={t("person")}
            description={t("personHint")}
            defaultValue={q}
            autoComplete="off"
            maxLength={100}
          />
        </Form>
      </div>
      {slug !== "" && <Found slug={slug} q={q} />}
    </Page>
  );
}

function Found({ slug, q }: { slug: string; q: string }) {
  const { t } = useTranslation("directory");
  const users = usePages<Card>(["own", "directory", slug, q], (cursor) =>
    answer(
      api.GET("/api/v1/directory/{organisation}/users", {
        params: { path: { organisation: slug }, query: { limit: 25, ...(q === "" ? {} : { q }), ...cursor } },
      }),
    ),
  );
  const columns: Column<Card>[] = [
    { key: "name", label: t("name"), cell: (u) => <bdi>{u.name}</bdi> },
    {
      key: "email",
      label: t("email"),
      cell: (u) => (
        <Anchor href={`mailto:${u.email}`} underline="always">
          {u.email}
        </Anchor>
      ),
    },
    {
      key: "roles",
      label: t("roles"),
      cell: (u) => u.roles.map((name, i) => named({ name, names: u.roleNames[i] ?? {} })).join(", "),
    },
  ];
  return (
    <Pages query={users}>
      {(rows) => (
        <DataTable
          caption={t("caption", { slug })}
          columns={columns}
          rows={rows}
          rowKey={(u) => u.email + u.name}
          empty={t("none")}
        />
      )}
    </Pages>
  );
}
