import { Button } from "@mantine/core";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/problem";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { DateField, SelectField } from "../../parts/moreFields";
import { useActionName } from "../../parts/trail";
import type trail from "../../locales/en/trail.json";
import classes from "./audit.module.css";
import type { Filter } from "./filter";
import { userNamed } from "./people";

interface FilterFormProps {
  filter: Filter;
  /** actor and subject are the usernames of those whom the filter has the ids of. */
  actor: string;
  subject: string;
  onFilter: (filter: Filter) => void;
}

/** FilterForm asks for a part of the trail. */
export function FilterForm({ filter, actor, subject, onFilter }: FilterFormProps) {
  const { t } = useTranslation("audit");
  const actions = useActions();
  const idOf = async (field: "actor" | "subject", typed = "") => {
    const id = await userNamed(typed);
    if (id !== undefined) return id;
    const message = t("filter.noSuchUser");
    throw new ProblemError({
      code: "invalid",
      errors: [{ location: `query.${field}`, message, code: "username_typed" }],
    });
  };
  return (
    <search aria-label={t("filter.label")}>
      <Form
        submit={t("filter.submit")}
        beside={
          Object.keys(filter).length > 0 && (
            <Button
              variant="default"
              onClick={() => {
                onFilter({});
              }}
            >
              {t("filter.all")}
            </Button>
          )
        }
        onSubmit={async (typed) => {
          const ids = { actor: await idOf("actor", typed["actor"]), subject: await idOf("subject", typed["subject"]) };
          onFilter(given({ ...typed, ...ids }));
        }}
      >
        <div className={classes.filter}>
          <DateField name="from" label={t("filter.from")} defaultValue={filter.from} />
          <DateField name="to" label={t("filter.to")} defaultValue={filter.to} />
          <TextField name="actor" label={t("filter.actor")} defaultValue={actor} autoComplete="off" />
          <TextField name="subject" label={t("filter.subject")} defaultValue={subject} autoComplete="off" />
          <SelectField name="action" label={t("filter.action")} defaultValue={filter.action} options={actions} />
        </div>
      </Form>
    </search>
  );
}

/** given leaves out what was not filled in. */
const given = (typed: Values): Filter => Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ""));

/** useActions are all that can have happened, by what they are called. */
function useActions(): { value: string; label: string }[] {
  const { t } = useTranslation("audit");
  useTranslation("trail"); // which has to be there
  const actionName = useActionName();
  const words = i18next.getResource(i18next.language, "trail", "action") as typeof trail.action;
  const actions = Object.keys(words)
    .map((key) => key.replace("_", "."))
    .map((value) => ({ value, label: actionName(value) }))
    .sort((a, b) => a.label.localeCompare(b.label, i18next.language));
  return [{ value: "", label: t("filter.anything") }, { value: "signIn.", label: t("filter.signIns") }, ...actions];
}
